import assert from 'node:assert/strict';
import { mergeVerdicts, worstOf } from './merge.ts';
import type { Outcome, Verdict } from './verdict.ts';

const verdict = (outcome: Outcome, more: Partial<Verdict> = {}): Verdict => ({
  clause: 'area/clause',
  outcome,
  tested: 0,
  broken: 0,
  violations: [],
  ...more,
});

describe('merging verdicts', () => {
  it('takes the worst: violated, inconclusive, held, not exercised', () => {
    const order: Outcome[] = ['violated', 'inconclusive', 'held', 'not exercised'];
    order.forEach((one, rank) => {
      for (const other of order.slice(rank)) {
        assert.equal(worstOf([one, other]), one);
        assert.equal(worstOf([other, one]), one);
      }
    });
    assert.equal(worstOf([]), 'not exercised');
  });

  it('adds the counts and keeps the first violations', () => {
    const broken = (sentence: string) =>
      verdict('violated', { tested: 2, broken: 1, violations: [{ sentence, shown: [] }] });
    const [merged] = mergeVerdicts(
      [[broken('first')], [verdict('held', { tested: 5 })], [broken('second')]],
      1,
    );
    assert.deepEqual(merged, {
      ...verdict('violated'),
      tested: 9,
      broken: 2,
      violations: [{ sentence: 'first', shown: [] }],
    });
  });

  it('keeps the reason of an inconclusive verdict, and drops it beside a violation', () => {
    const unsure = verdict('inconclusive', { reason: 'guest crashed' });
    assert.equal(mergeVerdicts([[verdict('held')], [unsure]])[0]?.reason, 'guest crashed');
    assert.equal(mergeVerdicts([[unsure], [verdict('violated')]])[0]?.reason, undefined);
  });
});
