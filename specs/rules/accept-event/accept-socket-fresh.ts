/**
 * accept-event/accept-socket-fresh: AcceptSocket is not a WSK_SOCKET that is still open.
 *
 * Source: WskAcceptEvent, Remarks: WSK allocates the object for this connection (2024-03-27). Status: derived.
 * Choices: from the enter of WskCloseSocket on WSK may use the memory again, long before the driver sees the IRP.
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
        const known = world.sockets.get(record.accept_socket) ?? world.socketAt(record.accept_pointer);
        if (!known || known.closeEnter || known.isDisowned) return judge.held();
        const sentence = `AcceptSocket ${hex(record.accept_pointer)} is socket ${known.id}, which is still open`;
        judge.violated([record, known.origin], sentence);
      },
    },
  }),
};
