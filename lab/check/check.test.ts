import assert from 'node:assert/strict';
import type { TraceRecord } from '../trace/records.ts';
import { SIDE } from '../trace/schema.ts';
import { check, Checker } from './check.ts';
import { RecordMaker } from './record-maker.ts';
import type { ClientOperation } from './evidence.ts';
import type { Judge, Observer, Rule } from './rule.ts';

const rule = (begin: (judge: Judge) => Observer, more: Partial<Rule> = {}): Rule => ({
  clause: 'area/clause',
  party: 'driver',
  begin,
  ...more,
});

/** Broken by every callback that returns a status other than zero. */
const returnsZero = (more: Partial<Rule> = {}) =>
  rule(
    (judge) => ({
      on: {
        callback_return(record) {
          if (record.status === 0) judge.held();
          else judge.violated(record, `returned ${record.status}`);
        },
      },
    }),
    more,
  );

const owesEnd = rule((judge) => ({
  on: {},
  finish: () => judge.violated([], 'still owed'),
}));

function verdictOf(
  records: readonly TraceRecord[],
  judged: Rule,
  take: (checker: Checker) => void = () => {},
) {
  const checker = new Checker({ rules: [judged] });
  for (const record of records) checker.record(record);
  take(checker);
  return checker.end()[0]!;
}

function trace(...statuses: number[]): TraceRecord[] {
  const maker = new RecordMaker();
  return [
    maker.make('trace_start'),
    ...statuses.map((status) => maker.make('callback_return', { status })),
    maker.make('trace_stop'),
  ];
}

describe('check', () => {
  it('counts what held', () => {
    const { outcome, tested, broken } = verdictOf(trace(0, 0, 0), returnsZero());
    assert.deepEqual({ outcome, tested, broken }, { outcome: 'held', tested: 3, broken: 0 });
  });

  it('says "not exercised" of a whole trace that never put the clause to the test', () => {
    assert.equal(verdictOf(trace(), returnsZero()).outcome, 'not exercised');
  });

  it('shows the first violations and counts all', () => {
    const checker = new Checker({ rules: [returnsZero()], maxShown: 2 });
    for (const record of trace(1, 0, 2, 3)) checker.record(record);
    assert.deepEqual(checker.end(), [
      {
        clause: 'area/clause',
        outcome: 'violated',
        tested: 4,
        broken: 3,
        violations: [
          { sentence: 'returned 1', shown: [{ source: 'trace', position: 1, time: 2000 }] },
          { sentence: 'returned 2', shown: [{ source: 'trace', position: 3, time: 4000 }] },
        ],
      },
    ]);
  });

  it('makes a rule that throws inconclusive, and only that one', () => {
    const throws = rule(() => ({
      on: {
        callback_return() {
          throw new Error('no such thing');
        },
      },
    }));
    const checker = new Checker({ rules: [throws, returnsZero()] });
    for (const record of trace(0)) checker.record(record);
    const [failed, other] = checker.end();
    assert.equal(failed?.outcome, 'inconclusive');
    assert.equal(failed?.reason, 'the rule failed: no such thing');
    assert.equal(other?.outcome, 'held');
  });

  it('makes a rule that throws at the start, at the end or in a timer inconclusive', () => {
    const fail = () => {
      throw new Error('broken');
    };
    for (const begin of [
      fail,
      () => ({ on: {}, finish: fail }),
      (judge: Judge) => ({ on: { callback_return: () => judge.after(1, fail) } }),
    ])
      assert.equal(verdictOf(trace(0), rule(begin)).reason, 'the rule failed: broken');
  });

  it('is inconclusive when the trace is cut, and settles no debts then', () => {
    const cut = trace(0).slice(0, -1);
    assert.equal(verdictOf(cut, returnsZero()).reason, 'the trace ends without trace_stop');
    assert.equal(verdictOf(cut, owesEnd).outcome, 'inconclusive');
    assert.equal(verdictOf(trace(0), owesEnd).outcome, 'violated');
  });

  it('is inconclusive when the beginning is missing', () => {
    assert.equal(verdictOf(trace(0).slice(1), returnsZero()).reason, 'the beginning of the trace is missing');
  });

  it('says so when the guest crashed, and ignores what comes after', () => {
    const maker = new RecordMaker();
    const records = [
      maker.make('trace_start'),
      maker.make('crash'),
      maker.make('callback_return', { status: 1 }),
      maker.make('trace_stop'),
    ];
    const { outcome, reason } = verdictOf(records, returnsZero());
    assert.deepEqual({ outcome, reason }, { outcome: 'inconclusive', reason: 'guest crashed' });
  });

  it('keeps a violation found before records were lost, and believes none found after', () => {
    const [before, after] = [trace(1, 0), trace(0, 1)];
    for (const records of [before, after]) records[2]!.discarded = records[3]!.discarded = 5;
    assert.equal(verdictOf(before, returnsZero()).outcome, 'violated');
    const { outcome, reason } = verdictOf(after, returnsZero());
    assert.equal(outcome, 'inconclusive');
    assert.equal(reason, '5 records lost before record 2');
  });

  it('believes a local rule after records were lost, but not its silence', () => {
    const records = trace(0, 1);
    records[2]!.discarded = records[3]!.discarded = 5;
    assert.equal(verdictOf(records, returnsZero({ local: true })).outcome, 'violated');
    records[2] = { ...records[2], status: 0 } as TraceRecord;
    assert.equal(verdictOf(records, returnsZero({ local: true })).outcome, 'inconclusive');
  });

  it('does not let a client make late what the records lost before the next one may have done', () => {
    const owesSoon = rule((judge) => ({
      on: { trace_start: () => judge.after(100, () => judge.violated([], 'late')) },
    }));
    const connected: ClientOperation = {
      ...{ position: 0, time: 1000, began: 900, connection: 1, kind: 'connect', result: 'ok' },
      ...{ local: null, remote: null, bytes: 0 },
    };
    const [start, next, stop] = trace(0) as [TraceRecord, TraceRecord, TraceRecord];
    const take = (discarded: number) => {
      const checker = new Checker({ rules: [owesSoon] });
      checker.record(start);
      checker.operation(connected);
      for (const record of [next, stop]) checker.record({ ...record, time: 2000, discarded });
      return checker.end()[0]!.outcome;
    };
    assert.deepEqual([take(0), take(1)], ['violated', 'inconclusive']);
  });

  it('takes a loss told by the reader as one in the trace', () => {
    const lost = (checker: Checker) =>
      checker.loss({ source: 'loss', count: 2, reason: 'the ring was full' });
    assert.equal(verdictOf(trace(0), returnsZero(), lost).reason, 'the ring was full (2 missing)');
  });

  it('is inconclusive without evidence that a rule needs, or with a hole in it', () => {
    const needy = returnsZero({ needs: ['wire'] });
    assert.equal(verdictOf(trace(0), needy).reason, 'no packet capture');
    const checker = new Checker({ rules: [needy, returnsZero()], sources: ['wire'] });
    for (const record of trace(0)) checker.record(record);
    checker.loss({ source: 'loss', of: 'wire', count: 0, reason: 'the capture was cut' });
    assert.deepEqual(
      checker.end().map(({ reason }) => reason),
      ['the capture was cut', undefined],
    );
  });

  it('keeps counting what a permission saw, however the trace ends', () => {
    const cut = trace(0, 0).slice(0, -1);
    const permission = returnsZero({ party: 'permission' });
    assert.equal(verdictOf(cut, permission).outcome, 'held');
    assert.equal(verdictOf(trace().slice(0, -1), permission).outcome, 'inconclusive');
  });

  it('shows each party its side of what was perturbed', () => {
    const maker = new RecordMaker();
    const records = [
      maker.make('trace_start'),
      maker.make('callback_return', { status: 7, side: SIDE.driver }),
      maker.make('callback_return', { status: 0, side: SIDE.provider }),
      maker.make('trace_stop'),
    ];
    assert.equal(verdictOf(records, returnsZero()).outcome, 'violated');
    assert.equal(verdictOf(records, returnsZero({ party: 'permission' })).outcome, 'violated');
    assert.equal(verdictOf(records, returnsZero({ party: 'subsystem' })).outcome, 'held');
  });

  it('runs timers in order of their times, and tells at the end which were not reached', () => {
    const seen: string[] = [];
    const timed = rule((judge) => ({
      on: {
        trace_start() {
          for (const delay of [5000, 1000, 90_000])
            judge.after(delay, (reached) => seen.push(`${delay} ${reached} at ${judge.world.now}`));
        },
        callback_return: (record) => void seen.push(`record at ${record.time}`),
      },
    }));
    verdictOf(trace(0, 0, 0, 0, 0), timed);
    assert.deepEqual(seen, [
      '1000 true at 2000',
      'record at 2000',
      'record at 3000',
      'record at 4000',
      'record at 5000',
      '5000 true at 6000',
      'record at 6000',
      '90000 false at 7000',
    ]);
  });

  it('counts no time against anybody in which the guest did not run', () => {
    const judged = (stalls: { from: number; to: number }[]) => {
      const seen: string[] = [];
      const watching = rule((judge) => ({
        on: {
          trace_start: () =>
            judge.after(100, (reached) => void seen.push(reached ? 'reached' : 'not reached')),
          callback_return: () => judge.after(40, (reached) => void seen.push(`later ${reached}`)),
          trace_stop: (record) => void seen.push(`awake ${judge.awakeNs(0, record.time)}`),
        },
      }));
      const maker = new RecordMaker();
      const checker = new Checker({ rules: [watching], stalls });
      checker.record(maker.make('trace_start', { time: 0 }));
      checker.record(maker.make('callback_return', { time: 100 }));
      checker.record(maker.make('trace_stop', { time: 150 }));
      checker.end();
      return seen;
    };
    assert.deepEqual(judged([]), ['reached', 'later true', 'awake 150']);
    assert.deepEqual(judged([{ from: 20, to: 90 }]), ['later true', 'awake 80', 'not reached']);
  });

  it('takes a stream of evidence', async () => {
    async function* stream() {
      for (const record of trace(0)) yield { source: 'trace' as const, record };
    }
    const [verdict] = await check(stream(), { rules: [returnsZero()] });
    assert.equal(verdict?.outcome, 'held');
  });
});
