/**
 * accept-event/outputs-before-enable: a callback that enables events on the accepted socket before it returns has
 * set both output variables by then.
 *
 * Source: a comment in wsk.h; it follows from the page, since context and table belong to the socket's callbacks.
 * Status: derived.
 */
import type { Rule } from '../../../lab/check/rule.ts';

export const rule: Rule = {
  clause: 'accept-event/outputs-before-enable',
  party: 'driver',
  local: true,
  begin: (judge) => ({
    on: {
      accept_outputs(record) {
        if (record.context_written !== 0 && record.table_written !== 0) return judge.held();
        const missing = record.context_written === 0 ? '*AcceptSocketContext' : '*AcceptSocketDispatch';
        judge.violated(record, `events were enabled on the accepted socket before ${missing} was set`);
      },
    },
  }),
};
