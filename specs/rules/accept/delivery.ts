/**
 * A queued WskAccept completes when a connection arrives, and only then. ddi/wsk/nc-wsk-pfn_wsk_accept (remarks).
 * Status: documented.
 * Choices: a connection that WskAccept gave without addresses is joined to the wire by number only: never more
 * successful accepts and WskAcceptEvents than completed handshakes to the listener's port. A queued request that sees
 * a handshake and is not completed within `soonNs`, with nobody else taking the connection, breaks
 * accept/pending-completes.
 */
import type { Packet } from '../../../lab/check/evidence.ts';
import type { Judge, Rule } from '../../../lab/check/rule.ts';
import type { Socket } from '../../../lab/check/socket.ts';
import { succeeded } from '../../../lab/check/wsk.ts';
import { FUNCTIONS } from '../../../lab/trace/schema.ts';

function completesHandshake(packet: Packet, { wire }: Judge): boolean {
  if (packet.syn || packet.rst || !packet.ack) return false;
  const connection = wire.at(packet.source, packet.destination, packet.time);
  return connection?.synAck !== undefined && !connection.established;
}

const pendingCompletes: Rule = {
  clause: 'accept/pending-completes',
  party: 'subsystem',
  needs: ['wire'],
  begin(judge) {
    let deliveries = 0;
    return {
      on: {
        packet(packet) {
          if (!completesHandshake(packet, judge)) return;
          const listener = listenerAt(judge, packet.destination.port);
          const queued = listener?.pending.filter(({ fn }) => fn === 'WskAccept') ?? [];
          if (!listener || queued.length === 0 || listener.closeEnter) return;
          const before = deliveries;
          judge.after(judge.bounds.soonNs, (reached) => {
            const over = judge.wire.at(packet.source, packet.destination, packet.time)?.isOver !== false;
            if (deliveries > before) return judge.held();
            if (over || listener.closeEnter || !queued.some((call) => call.isPending)) return;
            if (!reached)
              return judge.undecided('the trace ended too soon after a handshake with a WskAccept queued');
            judge.violated(
              packet,
              `a connection arrived and no queued WskAccept was completed within ${judge.bounds.soonNs / 1e6} ms (lab bound)`,
            );
          });
        },
        irp_complete(record) {
          if (record.fn === FUNCTIONS.WskAccept) deliveries++;
        },
        accept_event_enter: () => void deliveries++,
      },
    };
  },
};

function listenerAt(judge: Judge, port: number): Socket | undefined {
  for (const socket of judge.world.listeners)
    if (socket.isBound && socket.bindAddress?.port === port) return socket;
  return undefined;
}

const pendingUntil: Rule = {
  clause: 'accept/pending-until',
  party: 'subsystem',
  needs: ['wire'],
  begin(judge) {
    const delivered = new Map<number, number>();
    const handshakes = new Map<number, number>();
    const portOf = (socket: Socket | undefined) => socket?.bindAddress?.port ?? 0;
    const count = (map: Map<number, number>, port: number) => map.set(port, (map.get(port) ?? 0) + 1);
    return {
      on: {
        packet(packet) {
          if (completesHandshake(packet, judge)) count(handshakes, packet.destination.port);
        },
        accept_event_enter(record) {
          if (record.accept_socket !== 0) count(delivered, portOf(judge.world.socket(record.socket)));
        },
        irp_complete(record) {
          const listener = judge.world.call(record.call)?.socket;
          const port = portOf(listener);
          if (record.fn !== FUNCTIONS.WskAccept || !succeeded(record.status) || port === 0) return;
          count(delivered, port);
          const number = delivered.get(port) ?? 0;
          // The packet may be stamped a little later than the completion that it causes.
          judge.after(judge.bounds.clockErrorNs, () => {
            if ((handshakes.get(port) ?? 0) >= number) judge.held();
            else
              judge.violated(
                record,
                `WskAccept succeeded for connection ${number} of port ${port}, the wire has fewer`,
              );
          });
        },
      },
    };
  },
};

export const rules: readonly Rule[] = [pendingCompletes, pendingUntil];
