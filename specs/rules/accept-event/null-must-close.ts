/**
 * accept-event/null-must-close: after a call with AcceptSocket NULL the driver closes the listener as soon as
 * possible.
 *
 * Source: WskAcceptEvent, Parameters (2024-03-27). Status: documented.
 * Choices: "as soon as possible" has no number; the lab bound is `soonNs` from the enter of the call. Inside the
 * callback is fine, and so is a close that had begun before the call.
 */
import type { Rule } from '../../../lab/check/rule.ts';
import type { Socket } from '../../../lab/check/socket.ts';

export const rule: Rule = {
  clause: 'accept-event/null-must-close',
  party: 'driver',
  begin: (judge) => {
    const owed = new Set<Socket>();
    return {
      on: {
        accept_event_enter(record) {
          const listener = judge.world.socket(record.socket);
          if (record.accept_socket !== 0 || !listener || owed.has(listener)) return;
          if (listener.closeEnter) return judge.held();
          owed.add(listener);
          judge.after(judge.bounds.soonNs, (reached) => {
            if (!owed.delete(listener)) return;
            const within = reached ? ` within ${judge.bounds.soonNs / 1e9} s (lab bound)` : '';
            if (reached || judge.world.isDeregistered(listener))
              judge.violated(record, `the listener was not closed${within} after AcceptSocket was NULL`);
            else judge.undecided('the trace ends soon after AcceptSocket was NULL, with the listener open');
          });
        },
        close_enter(record) {
          const listener = judge.world.socket(record.socket);
          if (listener && owed.delete(listener)) judge.held();
        },
      },
    };
  },
};
