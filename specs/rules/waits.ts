/**
 * Waits inside event callbacks and completion routines, and whether they were for a WSK request.
 *
 * A trace shows on which object a thread waits, not who sets it. A wait counts as being for a request when
 * the request was started in the callback (or completion routine) itself, was pending when the wait began, and
 * either completed during the wait, which then ended with success, or is still pending after the lab bound
 * `waitNs` (the callback is stuck: with a provider that withholds completions this is certain).
 *
 * Choices. A wait with a timeout of zero does not block. KeDelayExecutionThread waits for time, not for a
 * request. A wait at DISPATCH_LEVEL is another mistake (accept-event/driver-any-irql). An object that was once
 * signalled while all requests stayed pending is a lock or the like, and is left alone from then on.
 */
import type { Activity, Call } from '../../lab/check/call.ts';
import type { Handlers, Judge } from '../../lab/check/rule.ts';
import { DISPATCH_LEVEL, EVENT, EVENT_DISABLE } from '../../lab/check/wsk.ts';
import type { RecordOf } from '../../lab/trace/records.ts';
import { FUNCTIONS } from '../../lab/trace/schema.ts';
import { STATUS } from './wsk.ts';

interface Wait {
  enter: RecordOf<'wait_enter'>;
  requests: Call[];
  completed: RecordOf<'irp_complete'> | undefined;
}

export interface WaitsOf {
  /** Which callbacks and completion routines this clause is about. */
  inside: (activity: Activity) => boolean;
  /** Which of the requests started there; all but the two that have clauses of their own if not said. */
  requests?: (call: Call, activity: Activity) => boolean;
}

/**
 * Handlers of a rule that forbids such waits. `held` once per callback that started a request and did not wait,
 * and once per completion routine that did not (they start requests only against advice).
 */
export function watchWaits(judge: Judge, { inside, requests = isOther }: WaitsOf): Handlers {
  const waits = new Map<number, Wait>();
  const locks = new Set<bigint>();
  const broken = new Set<Activity>();

  const report = (wait: Wait, activity: Activity, sentence: string) => {
    if (broken.has(activity)) return;
    broken.add(activity);
    judge.violated(wait.completed ? [wait.enter, wait.completed] : wait.enter, sentence);
  };

  const left = (activity: Activity | undefined) => {
    if (!activity || !inside(activity) || broken.delete(activity)) return;
    const couldWait = activity.calls.some((call) => call.irp !== 0n && requests(call, activity));
    if (couldWait || activity.kind === 'completion') judge.held();
  };

  return {
    wait_enter(record) {
      const activity = judge.world.activity(record.tid);
      if (!activity || !inside(activity) || !mayBlock(record) || locks.has(record.object)) return;
      const pending = activity.calls.filter((call) => call.isPending && requests(call, activity));
      if (pending.length === 0) return;
      const wait: Wait = { enter: record, requests: pending, completed: undefined };
      waits.set(record.call, wait);
      judge.after(judge.bounds.waitNs, (reached) => {
        const stuck = reached && waits.get(record.call) === wait && pending.find((call) => call.isPending);
        if (stuck) {
          const text = `has waited ${judge.bounds.waitNs / 1e6} ms (lab bound) while its own ${stuck.fn} is pending`;
          report(wait, activity, `${nameOf(activity)} ${text}`);
        }
      });
    },
    irp_complete(record) {
      for (const wait of waits.values()) {
        if (wait.requests.some((call) => call.number === record.call)) wait.completed ??= record;
      }
    },
    wait_return(record) {
      const wait = waits.get(record.call);
      if (!wait) return;
      waits.delete(record.call);
      const activity = judge.world.activity(wait.enter.tid);
      if (!activity || record.status === STATUS.TIMEOUT) return;
      if (!wait.completed) locks.add(wait.enter.object);
      else {
        const request = wait.requests.find((call) => call.number === wait.completed?.call);
        report(wait, activity, `${nameOf(activity)} waited until its own ${request?.fn} had completed`);
      }
    },
    accept_event_return: (record) => left(judge.world.callback(record.callback)),
    receive_event_return: (record) => left(judge.world.callback(record.callback)),
    callback_return: (record) => left(judge.world.callback(record.callback)),
    irp_complete_return(record) {
      const activity = judge.world.activity(record.tid);
      if (activity?.kind === 'completion') left(activity);
    },
  };
}

const mayBlock = (record: RecordOf<'wait_enter'>): boolean =>
  record.timeout !== 0 && record.irql < DISPATCH_LEVEL && record.fn !== FUNCTIONS.KeDelayExecutionThread;

const CALLBACK_NAMES = {
  accept: 'WskAcceptEvent',
  receive: 'WskReceiveEvent',
  disconnect: 'WskDisconnectEvent',
  backlog: 'WskSendBacklogEvent',
  inspect: 'WskInspectEvent or WskAbortEvent',
  client: 'WskClientEvent',
} as const;

export const nameOf = (activity: Activity): string =>
  activity.kind === 'callback'
    ? CALLBACK_NAMES[activity.event]
    : `the completion routine of ${activity.call.fn}`;

const FLAG_OF = {
  accept: EVENT.accept,
  receive: EVENT.receive,
  disconnect: EVENT.disconnect,
  backlog: EVENT.backlog,
  inspect: 0,
  client: 0,
} as const;

/** The call disables the very callback in which it is made: evt/self-disable-no-wait. */
export const isOwnDisable = (call: Call, activity: Activity): boolean =>
  activity.kind === 'callback' &&
  call.enter.event === 'control_socket_enter' &&
  call.socket === activity.socket &&
  (call.enter.event_mask & EVENT_DISABLE) !== 0 &&
  (call.enter.event_mask & FLAG_OF[activity.event]) !== 0;

/** The call closes the very socket whose callback makes it: close/no-wait-in-callback. */
export const isOwnClose = (call: Call, activity: Activity): boolean =>
  activity.kind === 'callback' && call.fn === 'WskCloseSocket' && call.socket === activity.socket;

const isOther = (call: Call, activity: Activity): boolean =>
  !isOwnDisable(call, activity) && !isOwnClose(call, activity);
