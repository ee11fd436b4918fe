/**
 * accept-event/inherits: connection events enabled on the listener are on by default for sockets accepted on it.
 *
 * Source: WskAcceptEvent, Remarks; SO_WSK_EVENT_CALLBACK narrows it to sockets accepted through this callback
 * . Status: documented.
 * Choices: kept by every inherited callback that comes. Broken here by a WskDisconnectEvent that does not come
 * within the lab bound `soonNs` of the peer's FIN, on a connection without data (unread data may hold it
 * back); a WskReceiveEvent that does not come is evt/inherit-via-accept-event.
 */
import type { Rule } from '../../../lab/check/rule.ts';
import type { Socket } from '../../../lab/check/socket.ts';
import type { TcpConnection } from '../../../lab/check/wire.ts';
import { EVENT, STATUS_SUCCESS } from '../../../lab/check/wsk.ts';
import { connectionOf } from './shared/connection.ts';
import { onConnectionEvent } from './shared/socket-calls.ts';

export const rule: Rule = {
  clause: 'accept-event/inherits',
  party: 'subsystem',
  needs: ['wire'],
  begin: (judge) => {
    const told = new WeakSet<Socket>();
    const owners = new WeakMap<TcpConnection, Socket>();

    const owesDisconnect = (socket: Socket) => {
      const { mustFire, origin, attempted } = socket.switchOf(EVENT.disconnect);
      const ended = socket.closeEnter ?? socket.callbacks[0] ?? socket.executing[0];
      const isInherited = mustFire && origin === 'inherited' && !attempted;
      return isInherited && !ended && !told.has(socket) && (socket.slotFor(EVENT.disconnect) ?? 0n) !== 0n;
    };

    const expect = (connection: TcpConnection, socket: Socket) =>
      judge.after(judge.bounds.soonNs, (reached) => {
        const { clientFin, clientData, serverEnd } = connection;
        if (!clientFin || clientData || serverEnd || !owesDisconnect(socket)) return;
        if (!reached) return judge.undecided('the trace ended soon after the FIN of a peer');
        const bound = `${judge.bounds.soonNs / 1e9} s (lab bound)`;
        judge.violated(
          [clientFin, socket.origin],
          `WskDisconnectEvent, inherited from the listener, did not come within ${bound} of the FIN`,
        );
      });

    return {
      on: {
        ...onConnectionEvent((record, flag) => {
          const socket = judge.world.socket(record.socket);
          if (socket?.obtained !== 'WskAcceptEvent') return;
          if (flag === EVENT.disconnect) told.add(socket);
          const { origin, attempted } = socket.switchOf(flag);
          if (origin === 'inherited' && !attempted) judge.held();
        }),
        accept_event_return(record) {
          const accepted = judge.world.callback(record.callback)?.accepted;
          if (!accepted || record.status !== STATUS_SUCCESS) return;
          if (accepted.switchOf(EVENT.disconnect).origin !== 'inherited') return;
          judge.after(judge.bounds.clockErrorNs, () => {
            const connection = connectionOf(judge, accepted);
            if (!connection) return;
            owners.set(connection, accepted);
            if (connection.clientFin) expect(connection, accepted);
          });
        },
        disconnect_enter(record) {
          const socket = judge.world.socket(record.socket);
          if (socket) told.add(socket);
        },
        packet(packet) {
          if (!packet.fin) return;
          const connection = judge.wire.at(packet.source, packet.destination, packet.time);
          const socket = connection && owners.get(connection);
          // The wire learns of this packet only after the rules; the bound is far away.
          if (socket && !connection.clientFin) expect(connection, socket);
        },
      },
    };
  },
};
