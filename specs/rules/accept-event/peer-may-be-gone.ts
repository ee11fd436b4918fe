/**
 * accept-event/peer-may-be-gone: the peer may have sent data, closed or reset before the call; it is valid all the
 * same.
 *
 * Source: WskAcceptEvent (2024-03-27). Status: silent, a permission.
 */
import type { Rule } from '../../../lab/check/rule.ts';
import { joinDeliveries } from './shared/wire-deliveries.ts';

export const rule: Rule = {
  clause: 'accept-event/peer-may-be-gone',
  party: 'permission',
  needs: ['wire'],
  begin: (judge) => ({
    on: joinDeliveries(judge, ({ record }, join) => {
      if (record.event !== 'accept_event_enter' || join.kind !== 'joined') return;
      const { clientData, clientEnd } = join.connection;
      const first = Math.min(clientData?.time ?? Infinity, clientEnd?.time ?? Infinity);
      if (first <= record.time) judge.held();
    }),
  }),
};
