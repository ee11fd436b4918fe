/**
 * accept-event/flags-domain: Flags is zero or WSK_FLAG_AT_DISPATCH_LEVEL, nothing else.
 *
 * Source: WskAcceptEvent, Parameters (2024-03-27). Status: documented.
 */
import type { Rule } from '../../../lab/check/rule.ts';
import { WSK_FLAG_AT_DISPATCH_LEVEL } from '../../../lab/check/wsk.ts';
import { hex } from '../wsk.ts';

export const rule: Rule = {
  clause: 'accept-event/flags-domain',
  party: 'subsystem',
  local: true,
  begin: (judge) => ({
    on: {
      accept_event_enter(record) {
        if ((record.flags & ~WSK_FLAG_AT_DISPATCH_LEVEL) === 0) judge.held();
        else judge.violated(record, `WskAcceptEvent was called with Flags ${hex(record.flags)}`);
      },
    },
  }),
};
