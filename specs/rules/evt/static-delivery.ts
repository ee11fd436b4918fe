/**
 * What is enabled statically is on at every socket made afterwards, for the life of the socket, whatever is tried
 * with the option. network/wsk-set-static-event-callbacks. Status: documented; the answer to such an attempt silent.
 *
 * Choices. Put to the test by connections to a listener whose WSK_EVENT_ACCEPT is static: one whose handshake is
 * complete on the wire is delivered within `soonNs`, if no WskAccept is queued, the listener is alive and the client
 * has not given up. Before an attempt to switch the event off this is evt/static-on-for-all, after it
 * evt/static-never-off. Accepted sockets are open (ambiguity A-5).
 */
import type { Packet } from '../../../lab/check/evidence.ts';
import type { Judge, Rule } from '../../../lab/check/rule.ts';
import type { Socket } from '../../../lab/check/socket.ts';
import { hostKey, sameEndpoint } from '../../../lab/check/wire.ts';
import { EVENT } from '../../../lab/check/wsk.ts';
import { eventsIn, isDisable } from '../event-control.ts';

const WILDCARDS = new Set(['0.0.0.0', hostKey('::')]);

function listensAt(listener: Socket, packet: Packet): boolean {
  const address = listener.bindAddress;
  if (!listener.isBound || !address || address.port !== packet.destination.port) return false;
  return WILDCARDS.has(hostKey(address.address)) || sameEndpoint(address, packet.destination);
}

/** The packet with which a client completes a handshake; asked before the wire model learns of it. */
function completesHandshake(packet: Packet, { wire }: Judge): boolean {
  if (packet.syn || packet.rst || !packet.ack) return false;
  const connection = wire.at(packet.source, packet.destination, packet.time);
  return connection?.synAck !== undefined && !connection.established;
}

const isTaken = (listener: Socket) =>
  listener.closeEnter !== undefined ||
  listener.deadSince !== undefined ||
  listener.callbacks.length > 0 ||
  listener.pending.some(({ fn }) => fn === 'WskAccept');

const staticRule = (clause: string, afterAttempt: boolean): Rule => ({
  clause,
  party: 'subsystem',
  begin(judge) {
    const listeners = new Map<number, { socket: Socket; attempted: boolean }>();
    const undelivered = new Set<Packet>();
    const concerned = (id: number) => {
      const it = listeners.get(id);
      return it?.attempted === afterAttempt ? it.socket : undefined;
    };

    const expect = (listener: Socket, handshake: Packet) => {
      undelivered.add(handshake);
      judge.after(judge.bounds.soonNs, (reached) => {
        const over = judge.wire.at(handshake.source, handshake.destination, handshake.time)?.isOver !== false;
        if (!undelivered.delete(handshake) || over || isTaken(listener) || !concerned(listener.id)) return;
        if (!reached)
          return judge.undecided('the trace ended too soon after a handshake that was owed a delivery');
        judge.violated(
          handshake,
          `a connection was not delivered within ${judge.bounds.soonNs / 1e6} ms (lab bound) though WskAcceptEvent is enabled statically`,
        );
      });
    };

    return {
      on: {
        bind_enter(record) {
          const socket = judge.world.socket(record.socket);
          const isStatic = socket?.switchOf(EVENT.accept).origin === 'static';
          if (socket?.category === 'listen' && isStatic && !listeners.has(socket.id))
            listeners.set(socket.id, { socket, attempted: false });
        },
        control_socket_enter(record) {
          const it = listeners.get(record.socket);
          if (it && isDisable(record) && (eventsIn(record.event_mask) & EVENT.accept) !== 0)
            it.attempted = true;
        },
        packet(packet) {
          if (!completesHandshake(packet, judge)) return;
          for (const { socket } of listeners.values())
            if (concerned(socket.id) && listensAt(socket, packet) && !isTaken(socket)) expect(socket, packet);
        },
        accept_event_enter(record) {
          if (concerned(record.socket)) judge.held();
          for (const handshake of undelivered)
            if (sameEndpoint(handshake.source, record.remote)) undelivered.delete(handshake);
        },
        close_enter: (record) => void listeners.delete(record.socket),
      },
    };
  },
});

export const rules: readonly Rule[] = [
  staticRule('evt/static-on-for-all', false),
  staticRule('evt/static-never-off', true),
];
