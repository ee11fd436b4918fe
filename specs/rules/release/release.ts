/**
 * Data indication lists that the driver keeps by returning STATUS_PENDING from WskReceiveEvent are given back by
 * WskRelease. ddi/wsk/nc-wsk-pfn_wsk_release_data_indication_list. Status: documented; release/once derived.
 * Choices: a release before the callback has returned is permitted (ambiguity A-35). An address may be given again
 * after its release, so only the last use of it counts.
 */
import type { Rule } from '../../../lab/check/rule.ts';
import { STATUS_PENDING, STATUS_SUCCESS } from '../../../lab/check/wsk.ts';
import type { RecordOf } from '../../../lab/trace/records.ts';
import { FUNCTIONS } from '../../../lab/trace/schema.ts';
import { hex, STATUS, statusName } from '../wsk.ts';

interface List {
  address: bigint;
  socket: number;
  state: 'indicated' | 'retained' | 'refused' | 'released';
}

/** Addresses come from WSK's pool and repeat; beyond this many the oldest that are given back are forgotten. */
const REMEMBERED = 4096;

/** The last list at each address. */
class Lists {
  private readonly live = new Map<bigint, List>();
  private readonly givenBack = new Map<bigint, List>();
  private readonly retained = new Map<number, number>();

  at(address: bigint): List | undefined {
    return this.live.get(address) ?? this.givenBack.get(address);
  }

  /** How many lists of a socket the driver keeps. */
  keptOf(socket: number): number {
    return this.retained.get(socket) ?? 0;
  }

  indicated(address: bigint, socket: number): void {
    const before = this.live.get(address);
    if (before?.state === 'retained') this.count(before.socket, -1);
    this.givenBack.delete(address);
    this.live.set(address, { address, socket, state: 'indicated' });
  }

  /** The callback that indicated it has returned. */
  returned(address: bigint, status: number): void {
    const list = this.live.get(address);
    if (list?.state !== 'indicated') return;
    if (status !== STATUS_PENDING) return this.giveBack(list, 'refused');
    list.state = 'retained';
    this.count(list.socket, 1);
  }

  giveBack(list: List, state: 'refused' | 'released'): void {
    if (list.state === 'retained') this.count(list.socket, -1);
    list.state = state;
    this.live.delete(list.address);
    this.givenBack.set(list.address, list);
    if (this.givenBack.size <= REMEMBERED) return;
    for (const oldest of this.givenBack.keys()) {
      this.givenBack.delete(oldest);
      break;
    }
  }

  private count(socket: number, change: 1 | -1): void {
    const kept = this.keptOf(socket) + change;
    if (kept === 0) this.retained.delete(socket);
    else this.retained.set(socket, kept);
  }
}

type Answer = true | string | undefined;

/** Follows the lists and asks at every WskRelease or at every close of a connection. */
function listRule(
  clause: string,
  ask: {
    release?: (record: RecordOf<'release_enter'>, list: List | undefined) => Answer;
    close?: (kept: number) => Answer;
  },
): Rule {
  return {
    clause,
    party: 'driver',
    begin(judge) {
      const lists = new Lists();
      const say = (record: RecordOf<'release_enter' | 'close_enter'>, answer: Answer) => {
        if (answer === true) judge.held();
        else if (answer !== undefined) judge.violated(record, answer);
      };
      return {
        on: {
          receive_event_enter(record) {
            if (record.indication !== 0n) lists.indicated(record.indication, record.socket);
          },
          receive_event_return(record) {
            const enter = judge.world.callback(record.callback)?.enter;
            if (enter?.event === 'receive_event_enter') lists.returned(enter.indication, record.status);
          },
          release_enter(record) {
            const list = lists.at(record.indication);
            say(record, ask.release?.(record, list));
            if (list) lists.giveBack(list, 'released');
          },
          close_enter(record) {
            if (judge.world.socket(record.socket)?.category === 'connection')
              say(record, ask.close?.(lists.keptOf(record.socket)));
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
  listRule('release/only-retained', {
    release: (_record, list) =>
      list && list.state !== 'released'
        ? list.state !== 'refused' || 'the callback had not kept this list by returning STATUS_PENDING'
        : undefined,
  }),
  listRule('release/head-pointer', {
    release: ({ indication }, list) =>
      list !== undefined || `${hex(indication)} is no DataIndication of any callback`,
  }),
  listRule('release/once', {
    release: (_record, list) =>
      list ? list.state !== 'released' || 'this list has been released before' : undefined,
  }),
  listRule('release/right-socket', {
    release: ({ socket }, list) =>
      list ? list.socket === socket || `the list belongs to socket ${list.socket}, not ${socket}` : undefined,
  }),
  listRule('release/before-close', {
    close: (kept) => kept === 0 || `${kept} lists of the socket are still kept`,
  }),
  status,
];
