/**
 * accept-event/null-not-dereferenced: with AcceptSocket NULL the driver uses no accepted socket from this call.
 *
 * Source: WskAcceptEvent, Parameters (2024-03-27). Status: derived.
 * Choices: seen as a call on a NULL socket, or as a crash on reading the first member of a NULL WSK_SOCKET, both
 * on the thread of the callback. The same later and elsewhere could have another cause.
 */
import type { Rule } from '../../../lab/check/rule.ts';
import type { Callback } from '../../../lab/check/call.ts';
import { onSocketCall } from './shared/socket-calls.ts';

/** Functions below this number are not called on a socket. */
const FIRST_SOCKET_FUNCTION = 20;
/** sizeof the first member of WSK_SOCKET, the dispatch table. */
const POINTER_BYTES = 8n;

export const rule: Rule = {
  clause: 'accept-event/null-not-dereferenced',
  party: 'driver',
  begin: (judge) => {
    const broken = new WeakSet<Callback>();
    const nullCallback = (tid: number) =>
      judge.world
        .activities(tid)
        .find((each): each is Callback => each.kind === 'callback' && each.accepted === null);

    return {
      on: {
        ...onSocketCall((record) => {
          if (record.socket !== 0 || record.pointer !== 0n) return;
          if (record.event === 'other_enter' && record.fn < FIRST_SOCKET_FUNCTION) return;
          const callback = nullCallback(record.tid);
          if (!callback) return;
          broken.add(callback);
          judge.violated([record, callback.enter], 'a function was called on the AcceptSocket that was NULL');
        }),
        crash(record) {
          const callback = nullCallback(record.tid);
          if (!callback || record.target >= POINTER_BYTES) return;
          judge.violated([record, callback.enter], 'the driver dereferenced the AcceptSocket that was NULL');
        },
        accept_event_return(record) {
          const callback = judge.world.callback(record.callback);
          if (callback?.accepted === null && !broken.has(callback)) judge.held();
        },
      },
    };
  },
};
