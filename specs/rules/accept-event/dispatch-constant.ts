/**
 * accept-event/dispatch-constant: the dispatch table of the accepted socket does not change while the socket exists.
 *
 * Source: WskAcceptEvent, Parameters: "a constant WSK_CLIENT_CONNECTION_DISPATCH" (2024-03-27). Status: derived.
 */
import type { Rule } from '../../../lab/check/rule.ts';

export const rule: Rule = {
  clause: 'accept-event/dispatch-constant',
  party: 'driver',
  local: true,
  begin: (judge) => ({
    on: {
      table_changed(record) {
        const socket = judge.world.socket(record.socket);
        if (socket?.obtained !== 'WskAcceptEvent') return;
        const sentence = 'the table of an accepted socket changed while the socket existed';
        judge.violated(socket.acceptReturn ? [record, socket.acceptReturn] : record, sentence);
      },
      close_enter(record) {
        const socket = judge.world.socket(record.socket);
        if (socket?.obtained !== 'WskAcceptEvent' || socket.closeEnter) return;
        if (socket.dispatch && socket.dispatch.table !== 0n) judge.held();
      },
    },
  }),
};
