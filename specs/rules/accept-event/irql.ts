/**
 * accept-event/irql: WskAcceptEvent is called at IRQL <= DISPATCH_LEVEL.
 *
 * Source: WskAcceptEvent, Remarks and Requirements (2024-03-27). Status: documented.
 */
import type { Rule } from '../../../lab/check/rule.ts';
import { DISPATCH_LEVEL } from '../../../lab/check/wsk.ts';

export const rule: Rule = {
  clause: 'accept-event/irql',
  party: 'subsystem',
  local: true,
  begin: (judge) => ({
    on: {
      accept_event_enter(record) {
        if (record.irql <= DISPATCH_LEVEL) judge.held();
        else judge.violated(record, `WskAcceptEvent was called at IRQL ${record.irql}`);
      },
    },
  }),
};
