/**
 * After a WskReceiveEvent that took only part of the data, or none, there is no further call on the socket until the
 * driver has called WskReceive. ddi/wsk/nc-wsk-pfn_wsk_receive_event (returns). Status: documented.
 * Choices: the page says until the driver *calls* WskReceive, wsk.h until it completes: only calls before the first
 * are reported (ambiguity A-18). A call without data that tells of the socket's end is no call for data. *BytesAccepted
 * of 0 with STATUS_SUCCESS may mean "not set" and is left alone.
 */
import type { Rule } from '../../../lab/check/rule.ts';
import { STATUS_DATA_NOT_ACCEPTED, STATUS_SUCCESS } from '../../../lab/check/wsk.ts';
import type { RecordOf } from '../../../lab/trace/records.ts';
import { FUNCTIONS } from '../../../lab/trace/schema.ts';

type Return = RecordOf<'receive_event_return'>;

const stopRule = (clause: string, stops: (returned: Return, indicated: number) => boolean): Rule => ({
  clause,
  party: 'subsystem',
  begin(judge) {
    const stopped = new Map<number, Return>();
    const resumed = (socket: number) => {
      if (stopped.delete(socket)) judge.held();
    };
    return {
      on: {
        receive_event_return(record) {
          const enter = judge.world.callback(record.callback)?.enter;
          if (enter?.event === 'receive_event_enter' && stops(record, enter.bytes))
            stopped.set(record.socket, record);
        },
        receive_event_enter(record) {
          const since = stopped.get(record.socket);
          if (!since || record.indication === 0n) return;
          stopped.delete(record.socket);
          judge.violated(
            [record, since],
            'WskReceiveEvent was called again before the driver called WskReceive',
          );
        },
        data_enter(record) {
          if (record.fn === FUNCTIONS.WskReceive) resumed(record.socket);
        },
        close_enter: (record) => resumed(record.socket),
      },
      finish: () => [...stopped.keys()].forEach(resumed),
    };
  },
});

export const rules: readonly Rule[] = [
  stopRule(
    'recv-event/stop-after-partial',
    ({ status, bytes_accepted }, indicated) =>
      status === STATUS_SUCCESS && bytes_accepted > 0 && bytes_accepted < indicated,
  ),
  stopRule('recv-event/stop-after-not-accepted', ({ status }) => status === STATUS_DATA_NOT_ACCEPTED),
];
