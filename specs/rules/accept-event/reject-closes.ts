/**
 * accept-event/reject-closes: after STATUS_REQUEST_NOT_ACCEPTED WSK closes the accepted socket itself.
 *
 * Source: WskAcceptEvent, Return value (2024-03-27). Status: documented.
 * Choices: seen as a FIN or RST of the guest within the lab bound `soonNs` (A-11: either form). A peer that has
 * reset the connection leaves nothing to tear down.
 */
import type { Rule } from '../../../lab/check/rule.ts';
import { STATUS_REQUEST_NOT_ACCEPTED } from '../../../lab/check/wsk.ts';
import { connectionOf } from './shared/connection.ts';

export const rule: Rule = {
  clause: 'accept-event/reject-closes',
  party: 'subsystem',
  needs: ['wire'],
  begin: (judge) => ({
    on: {
      accept_event_return(record) {
        const accepted = judge.world.callback(record.callback)?.accepted;
        if (!accepted || record.status !== STATUS_REQUEST_NOT_ACCEPTED) return;
        judge.after(judge.bounds.soonNs, (reached) => {
          const connection = connectionOf(judge, accepted);
          if (!connection) return;
          if (connection.serverEnd || connection.clientRst) return judge.held();
          if (!reached) return judge.undecided('the trace ended soon after a rejection');
          const bound = `${judge.bounds.soonNs / 1e9} s (lab bound)`;
          judge.violated(record, `WSK did not tear down the rejected connection within ${bound}`);
        });
      },
    },
  }),
};
