/**
 * What a disable answers, by whether a call of that callback is in progress. network/so-wsk-event-callback,
 * ddi/wsk/nc-wsk-pfn_wsk_control_socket (returns). Status: documented; evt/self-disable derived.
 *
 * Choices. Only disables of one event that was on without a doubt are judged (ambiguity A-8), and an error status
 * never is: WSK may fail any function. The recorder sees less of a callback than WSK does, so a callback that it
 * shows in progress during the whole call was in progress for WSK; but one that it shows ended just before the call,
 * or begun just after it, may have been too. Hence a pending answer is called wrong only if there was no call of the
 * callback for `settleNs` on either side. A disable made inside the very callback is evt/self-disable.
 */
import type { Callback } from '../../../lab/check/call.ts';
import type { Judge, Rule } from '../../../lab/check/rule.ts';
import type { Socket } from '../../../lab/check/socket.ts';
import { STATUS_EVENT_PENDING, STATUS_PENDING, STATUS_SUCCESS, succeeded } from '../../../lab/check/wsk.ts';
import { callbackName, clearDisable, inProgress, isDisable, type EventControl } from '../event-control.ts';
import { statusName } from '../wsk.ts';

interface Disable {
  enter: EventControl;
  socket: Socket;
  flag: number;
  /** Calls of the callback that were in progress when the function was entered. */
  busy: Callback[];
  /** It is made inside a call of the callback that it disables. */
  isSelf: boolean;
}

/** Calls `judged` with every disable of clear meaning and what it returned. */
function onDisable(judge: Judge, judged: (disable: Disable, status: number) => void) {
  const open = new Map<number, Disable>();
  return {
    control_socket_enter(record: EventControl) {
      const clear = clearDisable(record, judge);
      if (!clear) return;
      const busy = inProgress(clear.socket, clear.flag);
      const isSelf = busy.some((callback) => judge.world.activities(record.tid).includes(callback));
      open.set(record.call, { enter: record, ...clear, busy, isSelf });
    },
    call_return(record: { call: number; status: number }) {
      const disable = open.get(record.call);
      open.delete(record.call);
      if (disable && succeeded(record.status)) judged(disable, record.status);
    },
  };
}

/** Nobody is in the callback: the disable takes effect and the function returns STATUS_SUCCESS. */
const idleSuccess: Rule = {
  clause: 'evt/disable-idle-success',
  party: 'subsystem',
  begin: (judge) => ({
    on: onDisable(judge, ({ enter, socket, flag, busy }, status) => {
      if (busy.length > 0) return;
      if (status === STATUS_SUCCESS) return judge.held();
      const { settleNs } = judge.bounds;
      const isNear = () =>
        inProgress(socket, flag).length > 0 || socket.switchOf(flag).lastCall > enter.time - settleNs;
      if (isNear()) return;
      judge.after(settleNs, () => {
        if (isNear()) return;
        judge.violated(
          enter,
          `the disable returned ${statusName(status)} though no ${callbackName(flag)} was in progress`,
        );
      });
    }),
  }),
};

/** Somebody was in the callback during the whole call. */
const busyRule = (clause: string, hasIrp: boolean, expected: number): Rule => ({
  clause,
  party: 'subsystem',
  begin: (judge) => ({
    on: onDisable(judge, ({ enter, socket, flag, busy, isSelf }, status) => {
      const spanning = busy.filter((callback) => inProgress(socket, flag).includes(callback));
      if (isSelf || spanning.length === 0 || (enter.irp !== 0n) !== hasIrp) return;
      if (status === expected) judge.held();
      else
        judge.violated(
          [enter, ...spanning.map((callback) => callback.enter)],
          `the disable returned ${statusName(status)} while ${callbackName(flag)} was in progress`,
        );
    }),
  }),
});

const selfDisable: Rule = {
  clause: 'evt/self-disable',
  party: 'subsystem',
  begin: (judge) => ({
    on: onDisable(judge, ({ enter, flag, isSelf }, status) => {
      if (!isSelf) return;
      if (status === STATUS_SUCCESS)
        judge.violated(enter, `a disable made inside ${callbackName(flag)} returned STATUS_SUCCESS`);
      else judge.held();
    }),
  }),
};

/** Choices: whether a callback was in progress is evt/disable-idle-success; here only what kind of call it was. */
const eventPendingOnlyHere: Rule = {
  clause: 'evt/event-pending-only-here',
  party: 'subsystem',
  begin: (judge) => ({
    on: {
      call_return(record) {
        const enter = judge.world.call(record.call)?.enter;
        if (record.status !== STATUS_EVENT_PENDING || enter?.event !== 'control_socket_enter') return;
        if (!isDisable(enter))
          judge.violated(
            [record, enter],
            'STATUS_EVENT_PENDING from a WskControlSocket that disables nothing',
          );
        else if (enter.irp !== 0n)
          judge.violated([record, enter], 'STATUS_EVENT_PENDING for a disable that has an IRP');
        else judge.held();
      },
    },
  }),
};

/** The IRP of a disable completes after every call that was in progress when it was made. */
const irpAfterAllCallbacks: Rule = {
  clause: 'evt/irp-after-all-callbacks',
  party: 'subsystem',
  begin(judge) {
    const pending = new Map<number, { socket: Socket; flag: number; busy: Callback[] }>();
    return {
      on: {
        control_socket_enter(record) {
          const clear = clearDisable(record, judge);
          if (!clear || record.irp === 0n) return;
          const busy = inProgress(clear.socket, clear.flag);
          if (busy.length > 0) pending.set(record.call, { ...clear, busy: [...busy] });
        },
        irp_complete(record) {
          const disable = pending.get(record.call);
          pending.delete(record.call);
          if (!disable || !succeeded(record.status)) return;
          const still = inProgress(disable.socket, disable.flag).find((it) => disable.busy.includes(it));
          if (!still) judge.held();
          else
            judge.violated(
              [record, still.enter],
              `the IRP of the disable completed while ${callbackName(disable.flag)} was still in progress`,
            );
        },
      },
    };
  },
};

export const rules: readonly Rule[] = [
  idleSuccess,
  busyRule('evt/disable-busy-irp', true, STATUS_PENDING),
  busyRule('evt/disable-busy-noirp', false, STATUS_EVENT_PENDING),
  selfDisable,
  eventPendingOnlyHere,
  irpAfterAllCallbacks,
];
