/**
 * accept-event/close-listener-inside: closing the listener inside its own callback is starting a request, and thus
 * allowed.
 *
 * Source: WskAcceptEvent, Remarks (2024-03-27); Closing a Socket. Status: derived, a permission.
 */
import type { Rule } from '../../../lab/check/rule.ts';

export const rule: Rule = {
  clause: 'accept-event/close-listener-inside',
  party: 'permission',
  begin: (judge) => ({
    on: {
      close_enter(record) {
        const listener = judge.world.socket(record.socket);
        const isInside = judge.world
          .activities(record.tid)
          .some((each) => each.kind === 'callback' && each.event === 'accept' && each.socket === listener);
        if (listener && isInside) judge.held();
      },
    },
  }),
};
