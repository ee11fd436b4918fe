/**
 * accept-event/short-at-dispatch: the callback does not spend too long at DISPATCH_LEVEL.
 *
 * Source: WskAcceptEvent, Remarks (2024-03-27). Status: documented, a "should".
 * Choices: no page gives a number; the lab bound is `dispatchNs`.
 */
import type { Rule } from '../../../lab/check/rule.ts';
import { DISPATCH_LEVEL } from '../../../lab/check/wsk.ts';

export const rule: Rule = {
  clause: 'accept-event/short-at-dispatch',
  party: 'driver',
  begin: (judge) => ({
    on: {
      accept_event_return(record) {
        const enter = judge.world.callback(record.callback)?.enter;
        if (enter?.irql !== DISPATCH_LEVEL) return;
        const spentNs = record.time - enter.time;
        if (spentNs <= judge.bounds.dispatchNs) return judge.held();
        const spent = `${Math.round(spentNs / 1e6)} ms at DISPATCH_LEVEL`;
        // A guest that did not run meanwhile is not the driver's doing.
        if (judge.awakeNs(enter.time, record.time) <= judge.bounds.dispatchNs) return;
        judge.violated([record, enter], `${spent}, the lab bound is ${judge.bounds.dispatchNs / 1e6} ms`);
      },
    },
  }),
};
