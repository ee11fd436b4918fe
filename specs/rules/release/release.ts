/**
 * Data indication lists that the driver keeps by returning STATUS_PENDING from WskReceiveEvent are given back by
 * WskRelease. ddi/wsk/nc-wsk-pfn_wsk_release_data_indication_list. Status: documented; release/once derived.
 * Choices: a release before the callback has returned is permitted (ambiguity A-35). An address may be given again
 * after its release, so only the last use of it counts.
 */
import type { Judge, Rule } from '../../../lab/check/rule.ts';
import { STATUS_PENDING, STATUS_SUCCESS } from '../../../lab/check/wsk.ts';
import type { RecordOf } from '../../../lab/trace/records.ts';
import { FUNCTIONS } from '../../../lab/trace/schema.ts';
import { hex, STATUS, statusName } from '../wsk.ts';

interface List {
  socket: number;
  state: 'indicated' | 'retained' | 'refused' | 'released';
}
type Lists = Map<bigint, List>;

/** Addresses come from WSK's pool and repeat; beyond this many the oldest that are given back are forgotten. */
const REMEMBERED = 4096;

function forgetOld(lists: Lists): void {
  if (lists.size <= REMEMBERED) return;
  for (const [address, { state }] of lists) {
    if (state === 'indicated' || state === 'retained') continue;
    lists.delete(address);
    return;
  }
}

/** Follows the lists and asks at every WskRelease and, if wanted, at every close. */
function listRule(
  clause: string,
  onRelease: (record: RecordOf<'release_enter'>, list: List | undefined) => true | string | undefined,
  onClose?: (kept: bigint[], judge: Judge) => true | string | undefined,
): Rule {
  return {
    clause,
    party: 'driver',
    begin(judge) {
      const lists: Lists = new Map();
      const say = (record: RecordOf<'release_enter' | 'close_enter'>, answer: true | string | undefined) => {
        if (answer === true) judge.held();
        else if (answer !== undefined) judge.violated(record, answer);
      };
      return {
        on: {
          receive_event_enter(record) {
            if (record.indication === 0n) return;
            lists.delete(record.indication);
            lists.set(record.indication, { socket: record.socket, state: 'indicated' });
            forgetOld(lists);
          },
          receive_event_return(record) {
            const enter = judge.world.callback(record.callback)?.enter;
            const list = enter?.event === 'receive_event_enter' ? lists.get(enter.indication) : undefined;
            if (list?.state === 'indicated')
              list.state = record.status === STATUS_PENDING ? 'retained' : 'refused';
          },
          release_enter(record) {
            const list = lists.get(record.indication);
            say(record, onRelease(record, list));
            if (list) list.state = 'released';
          },
          close_enter(record) {
            const kept = [...lists].filter(
              ([, it]) => it.socket === record.socket && it.state === 'retained',
            );
            if (onClose && judge.world.socket(record.socket)?.category === 'connection')
              say(
                record,
                onClose(
                  kept.map(([address]) => address),
                  judge,
                ),
              );
          },
        },
      };
    },
  };
}

const status: Rule = {
  clause: 'release/status',
  party: 'subsystem',
  begin: (judge) => ({
    on: {
      call_return(record) {
        if (record.fn !== FUNCTIONS.WskRelease) return;
        if (record.status === STATUS_SUCCESS || record.status === STATUS.INVALID_PARAMETER) judge.held();
        else judge.violated(record, `WskRelease returned ${statusName(record.status)}`);
      },
    },
  }),
};

export const rules: readonly Rule[] = [
  listRule('release/only-retained', (_record, list) =>
    list && list.state !== 'released'
      ? list.state !== 'refused' || 'the callback had not kept this list by returning STATUS_PENDING'
      : undefined,
  ),
  listRule(
    'release/head-pointer',
    ({ indication }, list) => list !== undefined || `${hex(indication)} is no DataIndication of any callback`,
  ),
  listRule('release/once', (_record, list) =>
    list ? list.state !== 'released' || 'this list has been released before' : undefined,
  ),
  listRule('release/right-socket', ({ socket }, list) =>
    list ? list.socket === socket || `the list belongs to socket ${list.socket}, not ${socket}` : undefined,
  ),
  listRule(
    'release/before-close',
    () => undefined,
    (kept) => kept.length === 0 || `${kept.length} lists of the socket are still kept`,
  ),
  status,
];
