import assert from 'node:assert/strict';
import { exitCode, judge } from './outcome.ts';
import type { RunResult, ScenarioRun } from './run-result.ts';
import { SAMPLE_RUN, sampleScenarioRun } from './sample-run.fixture.ts';

const verdict = (clause: string, outcome: ScenarioRun['verdicts'][number]['outcome'], reason?: string) => ({
  clause,
  outcome,
  tested: 1,
  broken: outcome === 'violated' ? 1 : 0,
  violations: [],
  ...(reason !== undefined && { reason }),
});
const held = verdict('evt/npiid', 'held');
const broken = verdict('evt/disable-one', 'violated');
const crash = { code: 'LAB_DRIVER_CRASH', blame: 'driver' as const, message: 'it crashed', evidence: [] };

describe('the outcome of a scenario', () => {
  const cases: [title: string, run: Partial<ScenarioRun>, expected: ReturnType<typeof judge>][] = [
    ['passes when all it exercises was kept', {}, { outcome: 'passed', reasons: [] }],
    [
      'is violated by a clause that is broken',
      { verdicts: [held, broken], exercises: [] },
      { outcome: 'violated', reasons: ['evt/disable-one is violated'] },
    ],
    [
      'is inconclusive when a clause that it set out to exercise was not',
      {
        verdicts: [held, verdict('evt/default-off', 'not exercised')],
        exercises: ['evt/default-off', 'evt/npiid'],
      },
      { outcome: 'inconclusive', reasons: ['evt/default-off was to be exercised and was not'] },
    ],
    [
      'is inconclusive when a clause that it set out to exercise has no verdict at all',
      { verdicts: [], exercises: ['evt/npiid'] },
      { outcome: 'inconclusive', reasons: ['evt/npiid was to be exercised and was not'] },
    ],
    [
      'is inconclusive when records are missing, one reason for all clauses',
      {
        verdicts: [verdict('a/b', 'inconclusive', '3 lost'), verdict('a/c', 'inconclusive', '3 lost')],
        exercises: [],
      },
      { outcome: 'inconclusive', reasons: ['2 clauses inconclusive: 3 lost'] },
    ],
    [
      'fails when a client did not see what it must',
      { failures: [{ step: 'echo a', text: 'saw 1 × eof' }] },
      { outcome: 'failed', reasons: ['echo a: saw 1 × eof'] },
    ],
    [
      'is violated rather than inconclusive when it is both',
      { verdicts: [broken, verdict('a/b', 'inconclusive', 'cut')], exercises: [] },
      { outcome: 'violated', reasons: ['evt/disable-one is violated', 'a/b inconclusive: cut'] },
    ],
    [
      'is refused, not failed, where it cannot be run',
      { refused: 'no IPv6' },
      { outcome: 'refused', reasons: ['no IPv6'] },
    ],
    [
      'passes with a known mistake when exactly that clause is broken',
      { verdicts: [broken], exercises: [], expected: { violated: ['evt/disable-one'] } },
      { outcome: 'passed', reasons: [] },
    ],
    [
      'fails with a known mistake that is not found',
      { verdicts: [held], exercises: [], expected: { violated: ['evt/disable-one'] } },
      { outcome: 'failed', reasons: ['evt/disable-one should be violated here and is not'] },
    ],
    [
      'is violated when a known mistake breaks another clause as well',
      {
        verdicts: [broken, verdict('evt/npiid', 'violated')],
        exercises: [],
        expected: { violated: ['evt/disable-one'] },
      },
      { outcome: 'violated', reasons: ['evt/npiid is violated'] },
    ],
    [
      'passes with a fault that it expects, though that leaves clauses undecided and fails steps',
      {
        failures: [{ step: 'start the service', text: 'error 1053' }],
        verdicts: [verdict('a/b', 'inconclusive', 'crash')],
        fault: crash,
        expected: { violated: [], fault: 'LAB_DRIVER_CRASH' },
      },
      { outcome: 'passed', reasons: [] },
    ],
    [
      'fails without the fault that it expects',
      { expected: { violated: [], fault: 'LAB_DRIVER_CRASH' } },
      { outcome: 'failed', reasons: ['the run should end with LAB_DRIVER_CRASH and does not'] },
    ],
    [
      'passes when the ring is to be too small and the loss is told',
      {
        lostRecords: 7,
        verdicts: [verdict('a/b', 'inconclusive', '7 records are missing')],
        exercises: ['a/b'],
        expected: { violated: [], lost: true },
      },
      { outcome: 'passed', reasons: [] },
    ],
    [
      'fails when the ring is to be too small and a clause is held all the same',
      { lostRecords: 7, verdicts: [held], exercises: ['evt/npiid'], expected: { violated: [], lost: true } },
      { outcome: 'failed', reasons: ['evt/npiid counts as held although 7 records are missing'] },
    ],
    [
      'fails when the ring is to be too small and nothing was lost',
      { expected: { violated: [], lost: true } },
      { outcome: 'failed', reasons: ['records should be lost here and none was'] },
    ],
    [
      'is a fault when something else ended it',
      { verdicts: [], fault: crash },
      { outcome: 'fault', reasons: ['LAB_DRIVER_CRASH: it crashed'] },
    ],
  ];
  for (const [title, run, expected] of cases) {
    it(title, () => assert.deepEqual(judge(sampleScenarioRun('s', run)), expected));
  }
});

describe('the exit code of a run', () => {
  const of = (...runs: Partial<ScenarioRun>[]): RunResult => ({
    ...SAMPLE_RUN,
    runs: runs.map((run) => sampleScenarioRun('s', run)),
  });
  const cases: [title: string, result: RunResult, expected: number][] = [
    ['is 0 when all is green', of({}, {}), 0],
    [
      'is 1 when a clause is broken, whatever else',
      of({}, { refused: 'x' }, { verdicts: [broken], exercises: [] }),
      1,
    ],
    ['is 4 when a run that was planned has no result', { ...of({}), planned: 2 }, 4],
    ['is 1 when clients saw something else', of({ failures: [{ step: 'a', text: 'b' }] }), 1],
    ['is 1 when the driver crashed', of({ fault: crash, verdicts: [] }), 1],
    ['is 3 when the host or the lab failed', of({}, { fault: { ...crash, blame: 'host' }, verdicts: [] }), 3],
    [
      'is 3 when the guest went and the clients saw that, too',
      of({ fault: { ...crash, blame: 'guest' }, verdicts: [], failures: [{ step: 'a', text: 'b' }] }),
      3,
    ],
    ['is 2 when the scenario asks for what cannot be', of({ fault: { ...crash, blame: 'usage' } }), 2],
    ['is 4 when something is inconclusive', of({}, { verdicts: [] }), 4],
    ['is 4 when a scenario could not be run here', of({}, { refused: 'no IPv6' }), 4],
    ['is 3 when the lab never got to a scenario', { ...of(), fault: { ...crash, blame: 'guest' } }, 3],
    ['is 2 when the usage was wrong', { ...of(), fault: { ...crash, blame: 'usage' } }, 2],
  ];
  for (const [title, result, expected] of cases) it(title, () => assert.equal(exitCode(result), expected));
});
