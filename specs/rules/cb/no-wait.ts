/**
 * No event callback waits for another WSK request, at whatever IRQL it runs. The remarks of every callback's page,
 * network/winsock-kernel-events. Status: documented.
 * Choices: what counts as waiting is in waits.ts. cb/no-wait is about callbacks above PASSIVE_LEVEL, cb/no-wait-passive
 * about the others; WskAcceptEvent is accept-event/no-wait and accept-event/no-wait-at-passive.
 */
import type { Activity } from '../../../lab/check/call.ts';
import type { Rule } from '../../../lab/check/rule.ts';
import { PASSIVE_LEVEL } from '../../../lab/check/wsk.ts';
import { watchWaits } from '../waits.ts';

const noWait = (clause: string, isPassive: boolean): Rule => ({
  clause,
  party: 'driver',
  begin: (judge) => ({
    on: watchWaits(judge, {
      inside: (activity: Activity) =>
        activity.kind === 'callback' &&
        activity.event !== 'accept' &&
        (activity.enter.irql === PASSIVE_LEVEL) === isPassive,
    }),
  }),
});

export const rules: readonly Rule[] = [noWait('cb/no-wait', false), noWait('cb/no-wait-passive', true)];
