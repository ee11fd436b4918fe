/**
 * accept-event/pending-accept-race: WskAcceptEvent may nevertheless be called while a WskAccept is pending.
 *
 * Source: WskAcceptEvent, Remarks (2024-03-27). Status: documented permission.
 */
import type { Rule } from '../../../lab/check/rule.ts';

export const rule: Rule = {
  clause: 'accept-event/pending-accept-race',
  party: 'permission',
  begin: (judge) => ({
    on: {
      accept_event_enter(record) {
        const listener = judge.world.socket(record.socket);
        if (listener?.pending.some(({ fn }) => fn === 'WskAccept')) judge.held();
      },
    },
  }),
};
