/**
 * accept-event/reject-listener-lives: a rejection concerns that connection only; the listener goes on accepting.
 *
 * Source: WskAcceptEvent, Return value (2024-03-27). Status: derived.
 * Choices: kept by the next delivery on the listener. Broken if a connection that began after the rejection
 * completed its handshake and within the lab bound `soonNs` nothing was delivered at all, though
 * WskAcceptEvent was enabled throughout, no callback of the listener was in progress and the peer stayed.
 */
import type { Rule } from '../../../lab/check/rule.ts';
import type { Packet } from '../../../lab/check/evidence.ts';
import type { Socket } from '../../../lab/check/socket.ts';
import { hostKey, type TcpConnection } from '../../../lab/check/wire.ts';
import { EVENT, STATUS_REQUEST_NOT_ACCEPTED, succeeded } from '../../../lab/check/wsk.ts';
import type { RecordOf } from '../../../lab/trace/records.ts';

const WILDCARDS = new Set(['0.0.0.0', hostKey('::')]);

export const rule: Rule = {
  clause: 'accept-event/reject-listener-lives',
  party: 'subsystem',
  needs: ['wire'],
  begin: (judge) => {
    /** Listeners that have delivered nothing since they saw a rejection. */
    const silent = new Map<Socket, RecordOf<'accept_event_return'>>();

    const delivers = (listener: Socket | undefined) => {
      if (listener && silent.delete(listener)) judge.held();
    };

    const listens = (listener: Socket) =>
      listener.switchOf(EVENT.accept).mustFire && !listener.closeEnter && !listener.deadSince;

    const expect = (listener: Socket, rejection: RecordOf<'accept_event_return'>, established: Packet) => {
      const { offSince } = listener.switchOf(EVENT.accept);
      const connection = judge.wire.at(established.source, established.destination, established.time);
      judge.after(judge.bounds.soonNs, (reached) => {
        if (silent.get(listener) !== rejection || !listens(listener) || connection?.clientRst) return;
        if (listener.switchOf(EVENT.accept).offSince !== offSince || listener.callbacks.length > 0) return;
        if (!reached)
          return judge.undecided('the trace ended soon after a connection that followed a rejection');
        silent.delete(listener);
        const bound = `${judge.bounds.soonNs / 1e9} s (lab bound)`;
        judge.violated(
          [established, rejection],
          `a connection after a rejection was not delivered within ${bound}`,
        );
      });
    };

    return {
      on: {
        accept_event_return(record) {
          const callback = judge.world.callback(record.callback);
          if (!callback?.accepted || record.status !== STATUS_REQUEST_NOT_ACCEPTED) return;
          if (callback.socket && !callback.socket.closeEnter) silent.set(callback.socket, record);
        },
        accept_event_enter(record) {
          if (record.accept_socket !== 0) delivers(judge.world.socket(record.socket));
        },
        irp_complete(record) {
          const call = judge.world.call(record.call);
          if (call?.fn === 'WskAccept' && succeeded(record.status)) delivers(call.socket);
        },
        close_enter(record) {
          const listener = judge.world.socket(record.socket);
          if (listener) silent.delete(listener);
        },
        packet(packet) {
          if (silent.size === 0 || packet.syn || packet.rst || !packet.ack) return;
          const connection = judge.wire.at(packet.source, packet.destination, packet.time);
          if (!connection?.syn || connection.established) return;
          for (const [listener, rejection] of silent) {
            const isAfter = connection.syn.time > rejection.time + judge.bounds.clockErrorNs;
            if (isAfter && isFor(connection, listener) && listens(listener))
              expect(listener, rejection, packet);
          }
        },
      },
    };
  },
};

function isFor({ server }: TcpConnection, { bindAddress }: Socket): boolean {
  if (!bindAddress || bindAddress.port !== server.port) return false;
  const host = hostKey(bindAddress.address);
  return WILDCARDS.has(host) || host === hostKey(server.address);
}
