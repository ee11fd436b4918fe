/**
 * accept-event/socket-context: SocketContext is the pointer that the driver gave to WskSocket for this listener.
 *
 * Source: WskAcceptEvent, Parameters (2024-03-27). Status: documented.
 */
import type { Rule } from '../../../lab/check/rule.ts';
import { hex } from '../wsk.ts';

export const rule: Rule = {
  clause: 'accept-event/socket-context',
  party: 'subsystem',
  local: true,
  begin: (judge) => ({
    on: {
      accept_event_enter(record) {
        const given = judge.world.socket(record.socket)?.context;
        if (given === undefined) return;
        if (record.context === given) judge.held();
        else
          judge.violated(
            record,
            `SocketContext is ${hex(record.context)}, WskSocket was given ${hex(given)}`,
          );
      },
    },
  }),
};
