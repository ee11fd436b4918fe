/**
 * accept-event/dispatch-null-if-none: a driver that will enable no callbacks on the accepted socket stores NULL in
 * *AcceptSocketDispatch.
 *
 * Source: WskAcceptEvent, Parameters (2024-03-27). Status: documented, a "should".
 * Choices: intent is not visible; see shared/usage.ts. Judged if no callback was enabled on any accepted socket
 * in the whole trace, over the sockets that carried data and that the driver closed.
 */
import type { Rule } from '../../../lab/check/rule.ts';
import { Suspects, watchUsage } from './shared/usage.ts';

export const rule: Rule = {
  clause: 'accept-event/dispatch-null-if-none',
  party: 'driver',
  begin: (judge) => {
    const suspects = new Suspects();
    let obedient = 0;
    const usage = watchUsage(judge, (socket) => {
      if (socket.dispatch === undefined) return;
      if (socket.dispatch.table !== 0n) suspects.add(socket);
      else obedient++;
    });
    return {
      on: usage.handlers,
      finish() {
        if (usage.enabled !== 0) return;
        for (let count = 0; count < obedient; count++) judge.held();
        if (suspects.count === 0) return;
        const shown = suspects.first.map((socket) => socket.acceptReturn ?? socket.origin);
        const of = `${suspects.count} accepted sockets on which no callback was ever enabled`;
        judge.violated(shown, `*AcceptSocketDispatch was not NULL for ${of}`);
      },
    };
  },
};
