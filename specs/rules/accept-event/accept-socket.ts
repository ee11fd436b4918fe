/**
 * accept-event/accept-socket: an AcceptSocket that is not NULL is the socket object of the accepted connection, with
 * a connection dispatch table.
 *
 * Source: WskAcceptEvent, Parameters; WSK_PROVIDER_CONNECTION_DISPATCH, Remarks (2024-03-27). Status: documented.
 * Choices: a table has no type in memory, so only a missing one shows. That the object acts on that connection
 * is decided where it is used: accept-event/addresses-query-agrees, success-accepts, reject-closes.
 */
import type { Rule } from '../../../lab/check/rule.ts';

export const rule: Rule = {
  clause: 'accept-event/accept-socket',
  party: 'subsystem',
  local: true,
  begin: (judge) => ({
    on: {
      accept_event_enter(record) {
        if (record.accept_socket === 0) return;
        if (record.provider_table !== 0n) judge.held();
        else judge.violated(record, 'AcceptSocket has no dispatch table');
      },
    },
  }),
};
