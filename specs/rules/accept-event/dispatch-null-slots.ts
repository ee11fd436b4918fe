/**
 * accept-event/dispatch-null-slots: slots of callbacks that the driver will not enable on the accepted socket are
 * NULL.
 *
 * Source: WskAcceptEvent, Parameters (2024-03-27). Status: documented, a "should".
 * Choices: intent is not visible; see shared/usage.ts. Judged if the driver enabled some callback on accepted
 * sockets (none at all is accept-event/dispatch-null-if-none), by what it enabled in the whole trace.
 */
import type { Rule } from '../../../lab/check/rule.ts';
import type { Socket } from '../../../lab/check/socket.ts';
import { EVENT, eventName } from '../../../lab/check/wsk.ts';
import { Suspects, watchUsage } from './shared/usage.ts';

const SLOTS = [EVENT.receive, EVENT.disconnect, EVENT.backlog];

export const rule: Rule = {
  clause: 'accept-event/dispatch-null-slots',
  party: 'driver',
  begin: (judge) => {
    const tables = new Suspects();
    /** Sockets by the slots that they filled in: a driver has a handful of tables. */
    const filled = new Map<number, Suspects>();
    const usage = watchUsage(judge, (socket) => {
      if (!socket.dispatch || socket.dispatch.table === 0n) return;
      tables.add(socket);
      const slots = slotsOf(socket);
      const alike = filled.get(slots) ?? new Suspects();
      filled.set(slots, alike);
      alike.add(socket);
    });
    return {
      on: usage.handlers,
      finish() {
        if (usage.enabled === 0) return;
        for (const [slots, sockets] of filled) {
          const needless = SLOTS.filter((flag) => (slots & flag) !== 0 && (usage.enabled & flag) === 0);
          if (needless.length === 0) {
            for (let count = 0; count < sockets.count; count++) judge.held();
            continue;
          }
          const shown = sockets.first.map((socket) => socket.acceptReturn ?? socket.origin);
          const names = needless.map(eventName).join(', ');
          judge.violated(shown, `the table has slots for ${names}, which was never enabled`);
        }
      },
    };
  },
};

const slotsOf = (socket: Socket): number =>
  SLOTS.reduce((slots, flag) => ((socket.slotFor(flag) ?? 0n) !== 0n ? slots | flag : slots), 0);
