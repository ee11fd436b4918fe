/**
 * accept-event/only-when-enabled: WskAcceptEvent is called only if it was enabled on the listener before, with
 * SO_WSK_EVENT_CALLBACK or statically.
 *
 * Source: WskAcceptEvent, Remarks (2024-03-27); WSK_SET_STATIC_EVENT_CALLBACKS. Status: documented.
 * Choices: the call counts as allowed from the enter of the enabling call on, which may take effect at any time
 * before it returns (A-4: static enabling counts). A call after a disable took effect is reported by
 * accept-event/only-disable-stops-it.
 */
import type { Rule } from '../../../lab/check/rule.ts';
import { EVENT } from '../../../lab/check/wsk.ts';

export const rule: Rule = {
  clause: 'accept-event/only-when-enabled',
  party: 'subsystem',
  begin: (judge) => ({
    on: {
      accept_event_enter(record) {
        const accept = judge.world.socket(record.socket)?.switchOf(EVENT.accept);
        if (accept?.mayFire) judge.held();
        else if (accept && !accept.offSince)
          judge.violated(record, 'WskAcceptEvent was called though WSK_EVENT_ACCEPT had never been enabled');
      },
    },
  }),
};
