/**
 * A pending answer to a disable does not mean "disabled": calls may be running, and new ones may start. The driver
 * keeps what the callback uses. network/so-wsk-event-callback. Status: derived.
 *
 * Choices. What can be seen is the pool block with the socket's context or its client dispatch table being freed:
 * after STATUS_PENDING before the IRP completes; after STATUS_EVENT_PENDING, of whose effect nobody is told, while a
 * call is in progress or for `settleNs` after the last one. Once the close of the socket has completed nothing calls
 * it any more. Memory outside pool is not watched.
 */
import type { Judge, Rule } from '../../../lab/check/rule.ts';
import type { Socket } from '../../../lab/check/socket.ts';
import { STATUS_EVENT_PENDING, STATUS_PENDING } from '../../../lab/check/wsk.ts';
import type { RecordOf } from '../../../lab/trace/records.ts';
import { callbackName, flagsIn, isDisable } from '../event-control.ts';
import { freedOf } from '../freed.ts';

interface Switched {
  socket: Socket;
  flag: number;
  status: number;
  enter: RecordOf<'control_socket_enter'>;
}

/** When the pending disable counts as done, as of now. */
type IsDone = (it: Switched, judge: Judge) => boolean;

const isEventDone: IsDone = ({ socket, flag }, { world, bounds }) => {
  const { state, idleSince } = socket.switchOf(flag);
  return state !== 'fading' || (idleSince !== undefined && world.now - idleSince > bounds.settleNs);
};

const isIrpDone: IsDone = ({ enter }, { world }) => !world.call(enter.call)?.isPending;

const notDone = (clause: string, pendingStatus: number, isDone: IsDone): Rule => ({
  clause,
  party: 'driver',
  begin(judge) {
    const pending = new Set<Switched>();
    const settle = (it: Switched) => {
      if (pending.delete(it)) judge.held();
    };
    return {
      on: {
        call_return(record) {
          const call = judge.world.call(record.call);
          const enter = call?.enter;
          if (record.status !== pendingStatus || enter?.event !== 'control_socket_enter' || !isDisable(enter))
            return;
          for (const flag of flagsIn(enter.event_mask))
            if (call?.socket) pending.add({ socket: call.socket, flag, status: record.status, enter });
        },
        pool_free(record) {
          for (const it of pending) {
            if (it.socket.isClosed || isDone(it, judge)) settle(it);
            else {
              const what = freedOf(it.socket, record, judge.world);
              if (what === undefined) continue;
              pending.delete(it);
              judge.violated(
                [record, it.enter],
                `the ${what} of the socket was freed though ${callbackName(it.flag)} was not yet off`,
              );
            }
          }
        },
      },
      finish: () => pending.forEach(settle),
    };
  },
});

export const rules: readonly Rule[] = [
  notDone('evt/event-pending-not-done', STATUS_EVENT_PENDING, isEventDone),
  notDone('evt/pending-not-done', STATUS_PENDING, isIrpDone),
];
