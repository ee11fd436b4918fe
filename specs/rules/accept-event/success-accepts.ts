/**
 * accept-event/success-accepts: after STATUS_SUCCESS the driver owns the connection; WSK keeps it open until the
 * driver or the peer ends it.
 *
 * Source: WskAcceptEvent, Return value (2024-03-27). Status: documented.
 * Choices: broken by the guest's first FIN or RST, if until then the driver had neither disconnected nor
 * closed the socket and the peer had ended nothing. A guest that has unacknowledged bytes under way may have
 * given up on a peer that vanished: not judged.
 */
import type { Rule } from '../../../lab/check/rule.ts';
import type { Packet } from '../../../lab/check/evidence.ts';
import type { Socket } from '../../../lab/check/socket.ts';
import { STATUS_SUCCESS } from '../../../lab/check/wsk.ts';
import type { TcpConnection } from '../../../lab/check/wire.ts';
import { connectionOf } from './shared/connection.ts';

export const rule: Rule = {
  clause: 'accept-event/success-accepts',
  party: 'subsystem',
  needs: ['wire'],
  begin: (judge) => {
    const owners = new WeakMap<TcpConnection, Socket>();
    const ended = new WeakSet<Socket>();
    const broken = new WeakSet<Socket>();

    const suspect = (packet: Packet, socket: Socket) =>
      judge.after(judge.bounds.clockErrorNs, () => {
        if (ended.has(socket) || broken.has(socket)) return;
        broken.add(socket);
        const sentence = `the guest ended a connection that the driver had accepted and not closed`;
        judge.violated(socket.acceptReturn ? [packet, socket.acceptReturn] : packet, sentence);
      });

    const driverEnds = (id: number) => {
      const socket = judge.world.socket(id);
      if (!socket?.acceptReturn || ended.has(socket) || socket.acceptReturn.status !== STATUS_SUCCESS) return;
      ended.add(socket);
      if (!broken.has(socket) && connectionOf(judge, socket)) judge.held();
    };

    return {
      on: {
        accept_event_return(record) {
          const accepted = judge.world.callback(record.callback)?.accepted;
          if (!accepted || record.status !== STATUS_SUCCESS) return;
          if (accepted.closeEnter) ended.add(accepted);
          judge.after(judge.bounds.clockErrorNs, () => {
            const connection = connectionOf(judge, accepted);
            if (!connection) return;
            owners.set(connection, accepted);
            const end = connection.serverEnd;
            if (end && !connection.clientEnd && end.time > record.time) suspect(end, accepted);
          });
        },
        disconnect_enter: (record) => driverEnds(record.socket),
        close_enter: (record) => driverEnds(record.socket),
        packet(packet) {
          if (!packet.fin && !packet.rst) return;
          const connection = judge.wire.at(packet.destination, packet.source, packet.time);
          const socket = connection && owners.get(connection);
          if (!socket || connection.isOver || connection.serverEnd) return;
          if (!connection.clientEnd && !connection.hasUnacknowledged) suspect(packet, socket);
        },
      },
    };
  },
};
