/**
 * accept-event/reject-form: whether the peer of a rejected connection sees RST or FIN is not specified.
 *
 * Source: WskAcceptEvent (2024-03-27). Status: silent, a permission. Counts the rejections whose form was seen.
 */
import type { Rule } from '../../../lab/check/rule.ts';
import { STATUS_REQUEST_NOT_ACCEPTED } from '../../../lab/check/wsk.ts';
import { connectionOf } from './shared/connection.ts';

export const rule: Rule = {
  clause: 'accept-event/reject-form',
  party: 'permission',
  needs: ['wire'],
  begin: (judge) => ({
    on: {
      accept_event_return(record) {
        const accepted = judge.world.callback(record.callback)?.accepted;
        if (!accepted || record.status !== STATUS_REQUEST_NOT_ACCEPTED) return;
        judge.after(judge.bounds.soonNs, () => {
          if (connectionOf(judge, accepted)?.serverEnd) judge.held();
        });
      },
    },
  }),
};
