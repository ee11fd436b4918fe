/**
 * accept-event/no-wait: the callback does not wait for the completion of other WSK requests.
 *
 * Source: WskAcceptEvent, Remarks (2024-03-27). Status: documented.
 * Choices: callbacks entered above PASSIVE_LEVEL; at PASSIVE_LEVEL it is accept-event/no-wait-at-passive. What
 * counts as waiting for a request: specs/rules/waits.ts. Waiting for the listener's own close or disable is
 * close/no-wait-in-callback or evt/self-disable-no-wait.
 */
import type { Rule } from '../../../lab/check/rule.ts';
import { PASSIVE_LEVEL } from '../../../lab/check/wsk.ts';
import { watchWaits } from '../waits.ts';

export const rule: Rule = {
  clause: 'accept-event/no-wait',
  party: 'driver',
  begin: (judge) => ({
    on: watchWaits(judge, {
      inside: (activity) =>
        activity.kind === 'callback' && activity.event === 'accept' && activity.enter.irql > PASSIVE_LEVEL,
    }),
  }),
};
