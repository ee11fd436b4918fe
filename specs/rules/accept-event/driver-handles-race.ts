/**
 * accept-event/driver-handles-race: the driver handles a WskAcceptEvent that comes while a WskAccept is pending like
 * any other.
 *
 * Source: WskAcceptEvent, Remarks (2024-03-27). Status: documented.
 * Choices: what the driver does wrong in such a call is reported by the clause that it breaks; here only a crash
 * in it counts, unless it has another explanation (a NULL AcceptSocket, DISPATCH_LEVEL).
 */
import type { Rule } from '../../../lab/check/rule.ts';
import type { Callback } from '../../../lab/check/call.ts';
import { DISPATCH_LEVEL } from '../../../lab/check/wsk.ts';

export const rule: Rule = {
  clause: 'accept-event/driver-handles-race',
  party: 'driver',
  begin: (judge) => {
    const racing = new Set<Callback['number']>();
    return {
      on: {
        accept_event_enter(record) {
          const listener = judge.world.socket(record.socket);
          if (record.accept_socket === 0 || record.irql >= DISPATCH_LEVEL) return;
          if (listener?.pending.some(({ fn }) => fn === 'WskAccept')) racing.add(record.callback);
        },
        accept_event_return(record) {
          if (racing.delete(record.callback)) judge.held();
        },
        crash(record) {
          const activity = judge.world.activity(record.tid);
          if (activity?.kind !== 'callback' || !racing.has(activity.number)) return;
          const sentence = 'the driver crashed in a WskAcceptEvent that came while a WskAccept was pending';
          judge.violated([record, activity.enter], sentence);
        },
      },
    };
  },
};
