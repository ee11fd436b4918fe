/**
 * accept-event/only-disable-stops-it: disabling WSK_EVENT_ACCEPT is the way to be sure that WskAcceptEvent is not
 * called; once the disable took effect there are no more calls.
 *
 * Source: WskAcceptEvent, Remarks (2024-03-27). Status: documented.
 * Choices: the disable took effect when it returned STATUS_SUCCESS or its IRP completed with success. After
 * STATUS_EVENT_PENDING nobody is told: that is evt/quiet-after-event-pending.
 */
import type { Rule } from '../../../lab/check/rule.ts';
import type { EventSwitch } from '../../../lab/check/event-switch.ts';
import { EVENT } from '../../../lab/check/wsk.ts';

export const rule: Rule = {
  clause: 'accept-event/only-disable-stops-it',
  party: 'subsystem',
  begin: (judge) => {
    /** Where the disables took effect that were not obeyed. */
    const broken = new WeakSet<object>();
    const isQuiet = (accept: EventSwitch) =>
      !accept.mayFire && accept.offSince && !broken.has(accept.offSince);
    const acceptOf = (id: number) => judge.world.sockets.get(id)?.switchOf(EVENT.accept);

    return {
      on: {
        accept_event_enter(record) {
          const accept = acceptOf(record.socket);
          if (!accept?.offSince || accept.mayFire) return;
          broken.add(accept.offSince);
          const at = `record ${accept.offSince.position}`;
          judge.violated(record, `WskAcceptEvent was called after a disable that took effect at ${at}`);
        },
        control_socket_enter(record) {
          const accept = acceptOf(record.socket);
          if (accept && (record.event_mask & EVENT.accept) !== 0 && isQuiet(accept)) judge.held();
        },
        close_enter(record) {
          const accept = acceptOf(record.socket);
          if (accept && isQuiet(accept)) judge.held();
        },
      },
      finish() {
        for (const socket of judge.world.sockets.values()) {
          if (!socket.closeEnter && isQuiet(socket.switchOf(EVENT.accept))) judge.held();
        }
      },
    };
  },
};
