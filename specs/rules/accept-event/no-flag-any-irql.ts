/**
 * accept-event/no-flag-any-irql: without WSK_FLAG_AT_DISPATCH_LEVEL the call may be at any IRQL up to
 * DISPATCH_LEVEL.
 *
 * Source: WskAcceptEvent, Parameters (2024-03-27). Status: documented permission.
 * Choices: counts the calls without the flag above PASSIVE_LEVEL, the ones that a driver may not expect.
 */
import type { Rule } from '../../../lab/check/rule.ts';
import { DISPATCH_LEVEL, PASSIVE_LEVEL, WSK_FLAG_AT_DISPATCH_LEVEL } from '../../../lab/check/wsk.ts';

export const rule: Rule = {
  clause: 'accept-event/no-flag-any-irql',
  party: 'permission',
  local: true,
  begin: (judge) => ({
    on: {
      accept_event_enter({ flags, irql }) {
        const isClear = (flags & WSK_FLAG_AT_DISPATCH_LEVEL) === 0;
        if (isClear && irql > PASSIVE_LEVEL && irql <= DISPATCH_LEVEL) judge.held();
      },
    },
  }),
};
