/**
 * WskCloseSocket: ddi/wsk/nc-wsk-pfn_wsk_close_socket (remarks), network/closing-a-socket. Status: documented;
 * close/once and close/no-callbacks-after derived.
 *
 * Choices. "Should not be made after" is read as must: the object is being freed (ambiguity A-16). A call that has
 * not returned was in progress; the page speaks of other threads, so calls further up the same thread are no
 * obstacle. A socket whose close failed may be closed again: the page does not say what state it is in. Calls on a
 * socket that a WskAcceptEvent has rejected are accept-event/reject-hands-off.
 */
import type { Call } from '../../../lab/check/call.ts';
import type { Judge, Rule } from '../../../lab/check/rule.ts';
import type { Socket } from '../../../lab/check/socket.ts';
import { succeeded } from '../../../lab/check/wsk.ts';
import type { RecordOf } from '../../../lab/trace/records.ts';
import { FUNCTIONS } from '../../../lab/trace/schema.ts';
import { callbackName, FLAG_OF, flagOfEnter, SWITCHED_ENTERS, type SwitchedEnter } from '../event-control.ts';
import { recordRule } from '../record-rule.ts';
import { isOwnClose, watchWaits } from '../waits.ts';

const noCallsInProgress = recordRule({
  clause: 'close/no-calls-in-progress',
  party: 'driver',
  on: ['close_enter'],
  local: false,
  ask(record, { world }) {
    const socket = world.socket(record.socket);
    if (!socket) return undefined;
    const other = socket.executing.find(({ enter }) => enter.tid !== record.tid);
    return !other || `${other.fn} of the socket has not yet returned on thread ${other.enter.tid}`;
  },
});

export const SOCKET_CALLS = [
  'control_socket_enter',
  'bind_enter',
  'accept_enter',
  'address_enter',
  'data_enter',
  'disconnect_enter',
  'release_enter',
  'other_enter',
] as const;

/** Put to the test by every close that completes; each call after it breaks it. */
const noCallsAfter: Rule = {
  clause: 'close/no-calls-after',
  party: 'driver',
  begin(judge) {
    const late = (record: RecordOf<(typeof SOCKET_CALLS)[number]>) => {
      const socket = judge.world.socket(record.socket);
      if (!socket?.closeEnter || socket.isDisowned) return;
      judge.violated([record, socket.closeEnter], 'a function of the socket was called after WskCloseSocket');
    };
    return {
      on: {
        ...Object.fromEntries(SOCKET_CALLS.map((name) => [name, late])),
        irp_complete(record) {
          if (isClose(record)) judge.held();
        },
      },
    };
  },
};

const isClose = (record: { fn: number; status: number }) =>
  record.fn === FUNCTIONS.WskCloseSocket && succeeded(record.status);

const isClosing = (socket: Socket) =>
  socket.isClosed || socket.isGone || [...socket.executing, ...socket.pending].some(isCloseCall);
const isCloseCall = (call: Call) => call.fn === 'WskCloseSocket';

const once = recordRule({
  clause: 'close/once',
  party: 'driver',
  on: ['close_enter'],
  local: false,
  ask(record, { world }) {
    const socket = world.socket(record.socket);
    if (!socket || socket.isDisowned) return undefined;
    return !socket.closeEnter || !isClosing(socket) || 'WskCloseSocket was called before on this socket';
  },
});

const nameOfPending = (calls: readonly Call[]) => calls.map((call) => call.fn).join(', ');
const othersPending = (socket: Socket) => socket.pending.filter((call) => !isCloseCall(call));

/** Queued WskAccepts are accept/close-completes-pending. */
const othersThanAccepts = (socket: Socket) => othersPending(socket).filter(({ fn }) => fn !== 'WskAccept');

/** Everything that is pending at the close completes; the lab bound begins when the close itself is complete. */
const completesPending: Rule = {
  clause: 'close/completes-pending',
  party: 'subsystem',
  begin: (judge) => ({
    on: {
      irp_complete(record) {
        const socket = judge.world.call(record.call)?.socket;
        if (!socket?.closeEnter || !socket.pending.some(isCloseCall)) {
          // Completed after the close: counted there.
          return;
        }
        if (!isClose(record)) return record.fn === FUNCTIONS.WskAccept ? undefined : judge.held();
        const left = othersThanAccepts(socket);
        if (left.length === 0) return;
        judge.after(judge.bounds.soonNs, (reached) => {
          const still = left.filter((call) => call.isPending);
          if (still.length === 0) return judge.held();
          if (!reached)
            return judge.undecided('the trace ended too soon after a close with pending requests');
          judge.violated(
            [record, ...still.map(({ enter }) => enter)],
            `still pending ${judge.bounds.soonNs / 1e6} ms (lab bound) after the close: ${nameOfPending(still)}`,
          );
        });
      },
    },
  }),
};

/** Put to the test when something was pending, or a callback in progress, between WskCloseSocket and its completion. */
const atCompletion = (
  clause: string,
  was: (socket: Socket) => boolean,
  left: (socket: Socket) => string | undefined,
): Rule => ({
  clause,
  party: 'subsystem',
  begin(judge) {
    const tested = new Set<number>();
    const note = (id: number) => {
      const socket = judge.world.socket(id);
      if (socket && was(socket)) tested.add(id);
    };
    const enter = (record: SwitchedEnter) => {
      if (judge.world.socket(record.socket)?.closeEnter) tested.add(record.socket);
    };
    return {
      on: {
        ...(clause === 'close/callbacks-finished'
          ? Object.fromEntries(SWITCHED_ENTERS.map((name) => [name, enter]))
          : {}),
        close_enter: (record) => note(record.socket),
        irp_complete(record) {
          const socket = judge.world.call(record.call)?.socket;
          if (!socket || !isClose(record)) return;
          const wasTested = tested.delete(socket.id);
          const sentence = left(socket);
          if (sentence !== undefined) judge.violated(record, sentence);
          else if (wasTested) judge.held();
        },
      },
    };
  },
});

const pendingBeforeCloseIrp = atCompletion(
  'close/pending-before-close-irp',
  (socket) => socket.pending.length > 0,
  (socket) => {
    const others = othersPending(socket);
    return others.length === 0 ? undefined : `the close completed before ${nameOfPending(others)}`;
  },
);

const callbacksFinished = atCompletion(
  'close/callbacks-finished',
  (socket) => socket.callbacks.length > 0,
  (socket) => {
    const [open] = socket.callbacks;
    return open && `the close completed while ${callbackName(FLAG_OF[open.event])} was in progress`;
  },
);

/** Choices: what counts is the completion of the close IRP, not the return of the function. */
const noCallbacksAfter: Rule = {
  clause: 'close/no-callbacks-after',
  party: 'subsystem',
  begin(judge) {
    const enter = (record: SwitchedEnter) => {
      const socket = judge.world.socket(record.socket);
      if (!socket?.isClosed || socket.isDisowned || socket.pending.some(isCloseCall)) return;
      judge.violated(
        socket.closeEnter ? [record, socket.closeEnter] : record,
        `${callbackName(flagOfEnter(record))} was called after the close had completed`,
      );
    };
    return {
      on: {
        ...Object.fromEntries(SWITCHED_ENTERS.map((name) => [name, enter])),
        irp_complete(record) {
          if (isClose(record)) judge.held();
        },
      },
    };
  },
};

const callbacksUntilThen: Rule = {
  clause: 'close/callbacks-until-then',
  party: 'permission',
  begin(judge) {
    const enter = (record: SwitchedEnter) => {
      const socket = judge.world.socket(record.socket);
      if (socket?.closeEnter && !socket.isClosed) judge.held();
    };
    return { on: Object.fromEntries(SWITCHED_ENTERS.map((name) => [name, enter])) };
  },
};

/** A callback that closes its own socket does not wait for that close. What counts as waiting is in waits.ts. */
const noWaitInCallback: Rule = {
  clause: 'close/no-wait-in-callback',
  party: 'driver',
  begin: (judge: Judge) => ({
    on: watchWaits(judge, { inside: ({ kind }) => kind === 'callback', requests: isOwnClose }),
  }),
};

export const rules: readonly Rule[] = [
  noCallsInProgress,
  noCallsAfter,
  once,
  completesPending,
  pendingBeforeCloseIrp,
  callbacksFinished,
  noCallbacksAfter,
  callbacksUntilThen,
  noWaitInCallback,
];
