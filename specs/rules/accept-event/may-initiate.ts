/**
 * accept-event/may-initiate: the callback may start WSK requests, on the accepted socket, the listener or others.
 *
 * Source: WskAcceptEvent, Remarks (2024-03-27). Status: documented permission.
 */
import type { Rule } from '../../../lab/check/rule.ts';
import { onSocketCall } from './shared/socket-calls.ts';

export const rule: Rule = {
  clause: 'accept-event/may-initiate',
  party: 'permission',
  begin: (judge) => ({
    on: onSocketCall((record) => {
      const activity = judge.world.activity(record.tid);
      if (activity?.kind === 'callback' && activity.event === 'accept') judge.held();
    }),
  }),
};
