/**
 * accept-event/concurrent: calls for one listener may overlap, on several CPUs, or nest.
 *
 * Source: WskAcceptEvent (2024-03-27); only WskReceiveEvent promises serial calls. Status: silent, a
 * permission.
 */
import type { Rule } from '../../../lab/check/rule.ts';

export const rule: Rule = {
  clause: 'accept-event/concurrent',
  party: 'permission',
  begin: (judge) => ({
    on: {
      accept_event_enter(record) {
        const listener = judge.world.socket(record.socket);
        if (listener?.callbacks.some(({ event }) => event === 'accept')) judge.held();
      },
    },
  }),
};
