/**
 * IRPs: network/using-irps-with-winsock-kernel-functions and the returns of every function's page.
 * Status: documented; irp/single-use and irp/not-touched-while-owned derived.
 *
 * Choices. What binds self-allocated IRPs is judged for IRPs that the trace shows allocated by IoAllocateIrp; one
 * that came from above, or was initialised in memory of the driver's own, is left alone.
 */
import type { Call } from '../../../lab/check/call.ts';
import type { Judge, Rule } from '../../../lab/check/rule.ts';
import {
  STATUS_MORE_PROCESSING_REQUIRED,
  STATUS_PENDING,
  STATUS_SUCCESS,
  succeeded,
} from '../../../lab/check/wsk.ts';
import type { RecordOf } from '../../../lab/trace/records.ts';
import { FUNCTIONS } from '../../../lab/trace/schema.ts';
import { recordRule } from '../record-rule.ts';
import { hex, SL_INVOKE_ON, statusName } from '../wsk.ts';

const stackLocation = recordRule({
  clause: 'irp/stack-location',
  party: 'driver',
  on: ['irp_state'],
  ask: ({ stack_count, current_location }) =>
    (stack_count >= 1 && current_location >= 2) ||
    `the IRP has no stack location left (${stack_count} in all, current ${current_location})`,
});

/** Keeps `own` the set of the IRPs that the driver has allocated itself. */
const followOwn = (own: Set<bigint>) => (record: RecordOf<'irp_memory'>) => {
  if (record.fn === FUNCTIONS.IoAllocateIrp) own.add(record.irp);
  else if (record.fn === FUNCTIONS.IoFreeIrp) own.delete(record.irp);
};

/** A rule about what IRPs that the driver allocated itself are given to WSK with. */
const ownIrpRule = (clause: string, ask: (record: RecordOf<'irp_state'>) => true | string): Rule => ({
  clause,
  party: 'driver',
  begin(judge) {
    const own = new Set<bigint>();
    return {
      on: {
        irp_memory: followOwn(own),
        irp_state(record) {
          if (!own.has(record.irp)) return;
          const answer = ask(record);
          if (answer === true) judge.held();
          else judge.violated(record, answer);
        },
      },
    };
  },
});

const completionRequired = ownIrpRule(
  'irp/completion-required',
  ({ routine }) => routine !== 0n || 'a self-allocated IRP without a completion routine',
);

const ALL = SL_INVOKE_ON.CANCEL | SL_INVOKE_ON.SUCCESS | SL_INVOKE_ON.ERROR;
/** Choices: without a routine the bits mean nothing: irp/completion-required. */
const completionAllInvokes = ownIrpRule(
  'irp/completion-all-invokes',
  ({ control, routine }) =>
    routine === 0n ||
    (control & ALL) === ALL ||
    `the completion routine is not called in every case (control ${hex(control)})`,
);

/** Choices: whose IRP it is counts when the routine begins; it usually frees the IRP before it returns. */
const completionMpr: Rule = {
  clause: 'irp/completion-mpr',
  party: 'driver',
  begin(judge) {
    const own = new Set<bigint>();
    /** Calls whose completion routine runs on an own IRP. */
    const completing = new Set<number>();
    return {
      on: {
        irp_memory: followOwn(own),
        irp_complete(record) {
          if (own.has(record.irp)) completing.add(record.call);
        },
        irp_complete_return(record) {
          if (!completing.delete(record.call)) return;
          if (record.status === STATUS_MORE_PROCESSING_REQUIRED) judge.held();
          else judge.violated(record, `the completion routine returned ${statusName(record.status)}`);
        },
      },
    };
  },
};

/** After a completion an IRP goes through IoReuseIrp (or is allocated anew) before it is given to WSK again. */
const reuseReinit: Rule = {
  clause: 'irp/reuse-reinit',
  party: 'driver',
  begin(judge) {
    const used = new Map<bigint, 'fresh' | 'completed'>();
    return {
      on: {
        irp_memory(record) {
          if (record.fn === FUNCTIONS.IoFreeIrp) used.delete(record.irp);
          else if (record.fn === FUNCTIONS.IoAllocateIrp || used.has(record.irp))
            used.set(record.irp, 'fresh');
        },
        irp_complete(record) {
          if (used.has(record.irp)) used.set(record.irp, 'completed');
        },
        irp_state(record) {
          const state = used.get(record.irp);
          if (state === undefined) return;
          if (state === 'fresh') judge.held();
          else
            judge.violated(
              record,
              `the IRP ${hex(record.irp)} was used before and did not go through IoReuseIrp`,
            );
        },
      },
    };
  },
};

const owner = (irp: bigint, judge: Judge): Call | undefined => {
  const call = irp === 0n ? undefined : judge.world.irps.get(irp);
  return call?.isPending ? call : undefined;
};

const singleUse = recordRule({
  clause: 'irp/single-use',
  party: 'driver',
  on: ['irp_state'],
  local: false,
  ask(record, judge) {
    const pending = owner(record.irp, judge);
    return !pending || `the IRP is still in use by ${pending.fn} (record ${pending.enter.position})`;
  },
});

/** Put to the test by every IoFreeIrp and IoReuseIrp. */
const notTouched = recordRule({
  clause: 'irp/not-touched-while-owned',
  party: 'driver',
  on: ['irp_memory'],
  local: false,
  ask(record, judge) {
    if (record.fn === FUNCTIONS.IoAllocateIrp) return undefined;
    const pending = owner(record.irp, judge);
    const what = record.fn === FUNCTIONS.IoFreeIrp ? 'freed' : 'reused';
    return (
      !pending ||
      `the IRP was ${what} while ${pending.fn} (record ${pending.enter.position}) had not completed it`
    );
  },
});

/** Choices: a call that returned anything but STATUS_PENDING has to be completed within the lab bound `soonNs`. */
const completedOnce: Rule = {
  clause: 'irp/completed-once',
  party: 'subsystem',
  begin: (judge) => ({
    on: {
      irp_complete(record) {
        const call = judge.world.call(record.call);
        if (call?.completion === undefined && call) judge.held();
        else if (record.call !== 0)
          judge.violated(record, 'the IRP of this call was completed a second time');
      },
      call_return(record) {
        const call = judge.world.call(record.call);
        if (!call?.isPending || record.status === STATUS_PENDING) return;
        judge.after(judge.bounds.soonNs, (reached) => {
          if (!call.isPending) return;
          if (!reached)
            return judge.undecided('the trace ended too soon after a call whose IRP is still pending');
          judge.violated(
            [record, call.enter],
            `${call.fn} returned ${statusName(record.status)} and its IRP was not completed within ${judge.bounds.soonNs / 1e6} ms (lab bound)`,
          );
        });
      },
    },
  }),
};

/** Judged when both are known, whichever comes first. */
const returnAgainstCompletion = (
  clause: string,
  ask: (returned: number, completed: number) => true | string | undefined,
): Rule => ({
  clause,
  party: 'subsystem',
  begin(judge) {
    const decide = (
      record: RecordOf<'call_return' | 'irp_complete'>,
      call: Call,
      returned: number,
      completed: number,
    ) => {
      const answer = ask(returned, completed);
      if (answer === true) judge.held();
      else if (answer !== undefined) judge.violated([record, call.enter], `${call.fn} ${answer}`);
    };
    return {
      on: {
        call_return(record) {
          const call = judge.world.call(record.call);
          if (call?.completion !== undefined) decide(record, call, record.status, call.completion);
        },
        irp_complete(record) {
          const call = judge.world.call(record.call);
          if (call?.status !== undefined && call.completion === undefined)
            decide(record, call, call.status, record.status);
        },
      },
    };
  },
});

const successMeansSuccess = returnAgainstCompletion(
  'irp/return-success-means-success',
  (returned, completed) => {
    if (returned !== STATUS_SUCCESS) return undefined;
    return succeeded(completed) || `returned STATUS_SUCCESS and completed with ${statusName(completed)}`;
  },
);

const errorMeansFailure = returnAgainstCompletion('irp/return-error-means-failure', (returned, completed) => {
  if (succeeded(returned)) return undefined;
  return (
    !succeeded(completed) || `returned ${statusName(returned)} and completed with ${statusName(completed)}`
  );
});

const pendingAny = returnAgainstCompletion('irp/return-pending-any', (returned, completed) => {
  if (returned !== STATUS_PENDING) return undefined;
  return completed !== STATUS_PENDING || 'completed with STATUS_PENDING';
});

export const rules: readonly Rule[] = [
  stackLocation,
  completionRequired,
  completionAllInvokes,
  completionMpr,
  reuseReinit,
  singleUse,
  notTouched,
  completedOnce,
  successMeansSuccess,
  errorMeansFailure,
  pendingAny,
];
