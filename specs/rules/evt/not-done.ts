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
import { STATUS_EVENT_PENDING, STATUS_PENDING, succeeded } from '../../../lab/check/wsk.ts';
import type { RecordOf } from '../../../lab/trace/records.ts';
import { FUNCTIONS } from '../../../lab/trace/schema.ts';
import { callbackName, flagsIn, isDisable } from '../event-control.ts';
import { freedOf } from '../freed.ts';

interface Switched {
  socket: Socket;
  flag: number;
  enter: RecordOf<'control_socket_enter'>;
}

/** When the pending disable counts as done, as of now. */
type IsDone = (it: Switched, judge: Judge) => boolean;

const isEventDone: IsDone = ({ socket, flag }, judge) => {
  const { state, idleSince } = socket.switchOf(flag);
  if (state !== 'fading') return true;
  return idleSince !== undefined && judge.awakeNs(idleSince, judge.world.now) > judge.bounds.settleNs;
};

const isIrpDone: IsDone = ({ enter }, { world }) => !world.call(enter.call)?.isPending;

const notDone = (clause: string, pendingStatus: number, isDone: IsDone): Rule => ({
  clause,
  party: 'driver',
  begin(judge) {
    const pending = new Map<Socket, Switched[]>();
    /** Those of a socket that count as done are kept; gives the others. */
    const settle = (socket: Socket, isOver = (it: Switched) => isDone(it, judge)): Switched[] => {
      const left: Switched[] = [];
      for (const it of pending.get(socket) ?? [])
        if (isOver(it)) judge.held();
        else left.push(it);
      if (left.length > 0) pending.set(socket, left);
      else pending.delete(socket);
      return left;
    };
    return {
      on: {
        call_return(record) {
          const call = judge.world.call(record.call);
          const { enter, socket } = call ?? {};
          if (record.status !== pendingStatus || enter?.event !== 'control_socket_enter') return;
          if (!socket || !isDisable(enter)) return;
          const more = flagsIn(enter.event_mask).map((flag) => ({ socket, flag, enter }));
          pending.set(socket, [...settle(socket), ...more]);
        },
        irp_complete(record) {
          if (record.fn !== FUNCTIONS.WskCloseSocket || !succeeded(record.status)) return;
          const socket = judge.world.call(record.call)?.socket;
          if (socket) settle(socket, () => true);
        },
        pool_free(record) {
          for (const socket of judge.world.pool.usersOf(record.address)) {
            if (!pending.has(socket)) continue;
            const what = freedOf(socket, record, judge.world);
            for (const { flag, enter } of settle(socket))
              judge.violated(
                [record, enter],
                `the ${what} of the socket was freed though ${callbackName(flag)} was not yet off`,
              );
            pending.delete(socket);
          }
        },
      },
      finish() {
        for (const socket of pending.keys()) settle(socket, () => true);
      },
    };
  },
});

export const rules: readonly Rule[] = [
  notDone('evt/event-pending-not-done', STATUS_EVENT_PENDING, isEventDone),
  notDone('evt/pending-not-done', STATUS_PENDING, isIrpDone),
];
