/**
 * accept-event/driver-any-irql: the callback is written for every IRQL <= DISPATCH_LEVEL: at DISPATCH_LEVEL it
 * touches nothing pageable and calls nothing that needs a lower IRQL.
 *
 * Source: WskAcceptEvent, Parameters and Remarks (2024-03-27). Status: derived.
 * Choices: judged in callbacks that WSK (or the recorder) entered at DISPATCH_LEVEL, by what the trace shows
 * there: a wait that may block, paged pool, functions of PASSIVE_LEVEL. A read of pageable memory shows only as a
 * crash of the guest.
 */
import type { Rule } from '../../../lab/check/rule.ts';
import type { Callback } from '../../../lab/check/call.ts';
import { DISPATCH_LEVEL } from '../../../lab/check/wsk.ts';
import type { RecordOf } from '../../../lab/trace/records.ts';
import { FUNCTIONS } from '../../../lab/trace/schema.ts';

export const rule: Rule = {
  clause: 'accept-event/driver-any-irql',
  party: 'driver',
  begin: (judge) => {
    const broken = new WeakSet<Callback>();

    const report = (
      record: RecordOf<
        | 'wait_enter'
        | 'pool_allocate'
        | 'pool_free'
        | 'register_enter'
        | 'registration_enter'
        | 'capture_enter'
      >,
      did: string,
    ) => {
      const activity = judge.world.activity(record.tid);
      if (activity?.kind !== 'callback' || activity.event !== 'accept' || record.irql < DISPATCH_LEVEL)
        return;
      if (activity.enter.irql !== DISPATCH_LEVEL) return;
      broken.add(activity);
      judge.violated([record, activity.enter], `WskAcceptEvent at DISPATCH_LEVEL ${did}`);
    };

    return {
      on: {
        wait_enter(record) {
          if (record.timeout !== 0) report(record, 'began a wait that may block');
        },
        pool_allocate(record) {
          if (record.paged !== 0) report(record, 'allocated paged pool');
        },
        pool_free(record) {
          if (judge.world.pool.at(record.address)?.paged) report(record, 'freed paged pool');
        },
        register_enter: (record) => report(record, 'called WskRegister'),
        registration_enter(record) {
          if (record.fn === FUNCTIONS.WskDeregister) report(record, 'called WskDeregister');
        },
        capture_enter(record) {
          if (record.timeout !== 0) report(record, 'called WskCaptureProviderNPI with a timeout');
        },
        accept_event_return(record) {
          const callback = judge.world.callback(record.callback);
          if (callback?.enter.irql === DISPATCH_LEVEL && !broken.has(callback)) judge.held();
        },
      },
    };
  },
};
