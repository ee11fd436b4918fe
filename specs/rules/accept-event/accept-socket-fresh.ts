/**
 * accept-event/accept-socket-fresh: AcceptSocket is not a WSK_SOCKET that is still open.
 *
 * Source: WskAcceptEvent, Remarks: WSK allocates the object for this connection (2024-03-27). Status: derived.
 * Choices: from the enter of WskCloseSocket on WSK may use the memory again, long before the driver sees the IRP.
 * The address is WSK's own, not the recorder's that the driver gets.
 */
import type { Rule } from '../../../lab/check/rule.ts';
import { hex } from '../wsk.ts';

export const rule: Rule = {
  clause: 'accept-event/accept-socket-fresh',
  party: 'subsystem',
  begin: (judge) => ({
    on: {
      accept_event_enter(record) {
        if (record.accept_socket === 0) return;
        const { world } = judge;
        const known =
          world.sockets.get(record.accept_socket) ?? world.socketAtProvider(record.provider_socket);
        if (!known || known.closeEnter || known.isDisowned) return judge.held();
        const sentence = `AcceptSocket ${hex(record.provider_socket)} is socket ${known.id}, which is still open`;
        judge.violated([record, known.origin], sentence);
      },
    },
  }),
};
