/**
 * accept-event/null-means-dead: AcceptSocket NULL means that the listener is no longer functional.
 *
 * Source: WskAcceptEvent, Parameters (2024-03-27). Status: documented.
 * Choices: it shows as life where there should be none: a WskAccept begun after the NULL call had returned that
 * succeeds, or a connection delivered later than the lab bound `settleNs` after it (one that WSK had under way
 * on another CPU may still come). A listener that stays silent until it is closed kept the clause.
 */
import type { Rule } from '../../../lab/check/rule.ts';
import type { Socket } from '../../../lab/check/socket.ts';
import { succeeded } from '../../../lab/check/wsk.ts';
import type { RecordOf } from '../../../lab/trace/records.ts';

export const rule: Rule = {
  clause: 'accept-event/null-means-dead',
  party: 'subsystem',
  begin: (judge) => {
    const dead = new WeakMap<Socket, RecordOf<'accept_event_return'>>();
    return {
      on: {
        accept_event_return(record) {
          const callback = judge.world.callback(record.callback);
          if (callback?.accepted === null && callback.socket) dead.set(callback.socket, record);
        },
        accept_event_enter(record) {
          const listener = judge.world.socket(record.socket);
          const since = listener && dead.get(listener);
          if (
            !since ||
            record.accept_socket === 0 ||
            judge.awakeNs(since.time, record.time) <= judge.bounds.settleNs
          )
            return;
          judge.violated(
            [record, since],
            'a connection was delivered on a listener that had been reported dead',
          );
        },
        irp_complete(record) {
          const call = judge.world.call(record.call);
          const since = call?.socket && dead.get(call.socket);
          if (!since || call.fn !== 'WskAccept' || !succeeded(record.status)) return;
          if (call.enter.position < since.position) return;
          judge.violated([record, since], 'WskAccept succeeded on a listener that had been reported dead');
        },
        close_enter(record) {
          const listener = judge.world.socket(record.socket);
          if (listener && dead.has(listener) && !listener.closeEnter) judge.held();
        },
      },
    };
  },
};
