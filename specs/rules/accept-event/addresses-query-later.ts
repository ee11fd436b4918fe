/**
 * accept-event/addresses-query-later: instead of copying the addresses the driver may ask for them later, by
 * WskGetLocalAddress and WskGetRemoteAddress on the accepted socket.
 *
 * Source: WskAcceptEvent, Remarks (2024-03-27). Status: documented permission.
 */
import type { Rule } from '../../../lab/check/rule.ts';

export const rule: Rule = {
  clause: 'accept-event/addresses-query-later',
  party: 'permission',
  begin: (judge) => ({
    on: {
      address_enter(record) {
        if (judge.world.socket(record.socket)?.obtained === 'WskAcceptEvent') judge.held();
      },
    },
  }),
};
