/**
 * accept-event/flag-means-dispatch: with WSK_FLAG_AT_DISPATCH_LEVEL set, the call is at DISPATCH_LEVEL.
 *
 * Source: WskAcceptEvent, Parameters (2024-03-27). Status: documented.
 * Choices: an IRQL above DISPATCH_LEVEL is reported by accept-event/irql only.
 */
import type { Rule } from '../../../lab/check/rule.ts';
import { DISPATCH_LEVEL, WSK_FLAG_AT_DISPATCH_LEVEL } from '../../../lab/check/wsk.ts';

export const rule: Rule = {
  clause: 'accept-event/flag-means-dispatch',
  party: 'subsystem',
  local: true,
  begin: (judge) => ({
    on: {
      accept_event_enter(record) {
        if ((record.flags & WSK_FLAG_AT_DISPATCH_LEVEL) === 0) return;
        if (record.irql === DISPATCH_LEVEL) judge.held();
        else if (record.irql < DISPATCH_LEVEL)
          judge.violated(record, `the flag says DISPATCH_LEVEL, the call came at IRQL ${record.irql}`);
      },
    },
  }),
};
