import assert from 'node:assert/strict';
import type { Scenario } from './scenario.ts';
import { planRuns } from './suite.ts';

const scenario = (id: string, name: string, seeds: number[] = [1]) =>
  ({ id, name, seeds }) as unknown as Scenario;

describe('the plan of a run', () => {
  const scenarios = [
    scenario('one-connection', 'One client connects'),
    scenario('mistakes/closes-twice', 'The driver closes twice', [3, 4]),
  ];
  const slugs = (options: { seeds?: number[]; grep?: string }) =>
    planRuns(scenarios, { seeds: undefined, grep: undefined, ...options }).map(({ slug }) => slug);

  it('has each scenario with each of its seeds, in folders of their own', () => {
    assert.deepEqual(slugs({}), [
      'one-connection',
      'mistakes-closes-twice-seed-3',
      'mistakes-closes-twice-seed-4',
    ]);
  });

  it('takes other seeds for all when they are given', () => {
    assert.deepEqual(slugs({ seeds: [9] }), ['one-connection', 'mistakes-closes-twice']);
  });

  it('keeps what matches in id or name, by regular expression', () => {
    assert.deepEqual(slugs({ grep: 'client' }), ['one-connection']);
    assert.deepEqual(slugs({ grep: '^mistakes/.*seed 4' }), ['mistakes-closes-twice-seed-4']);
  });

  it('is refused when nothing is left, which would not be green', () => {
    assert.throws(() => slugs({ grep: 'nothing like it' }), {
      code: 'LAB_SCENARIO_UNKNOWN',
      message: /'nothing like it' matches no title of 2 scenarios/,
    });
  });
});
