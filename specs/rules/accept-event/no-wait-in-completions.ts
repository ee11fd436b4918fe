/**
 * accept-event/no-wait-in-completions: a completion routine does not wait for other WSK requests either.
 *
 * Source: WskAcceptEvent, Remarks (2024-03-27). Status: documented.
 * Choices: judges the completion routines of requests on listeners and on sockets that WskAcceptEvent brought;
 * the others are irp/no-wait-in-completion. What counts as waiting for a request: specs/rules/waits.ts.
 */
import type { Rule } from '../../../lab/check/rule.ts';
import { watchWaits } from '../waits.ts';

export const rule: Rule = {
  clause: 'accept-event/no-wait-in-completions',
  party: 'driver',
  begin: (judge) => ({
    on: watchWaits(judge, {
      inside(activity) {
        const socket = activity.kind === 'completion' ? activity.call.socket : undefined;
        return socket?.category === 'listen' || socket?.obtained === 'WskAcceptEvent';
      },
    }),
  }),
};
