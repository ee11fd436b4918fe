/**
 * accept-event/close-accepted-then-success: closing the accepted socket inside the callback and then returning
 * STATUS_SUCCESS is not addressed by any page.
 *
 * Source: WskAcceptEvent (2024-03-27). Status: silent, a permission. With a rejection instead the socket is
 * closed twice: accept-event/reject-hands-off.
 */
import type { Rule } from '../../../lab/check/rule.ts';
import { STATUS_SUCCESS } from '../../../lab/check/wsk.ts';

export const rule: Rule = {
  clause: 'accept-event/close-accepted-then-success',
  party: 'permission',
  begin: (judge) => ({
    on: {
      accept_event_return(record) {
        const accepted = judge.world.callback(record.callback)?.accepted;
        if (accepted?.closeEnter && record.status === STATUS_SUCCESS) judge.held();
      },
    },
  }),
};
