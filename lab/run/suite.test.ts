import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Scenario } from './scenario.ts';
import { labConfigSchema } from '../config/lab-config.ts';
import { processStartTime } from '../machine/process-identity.ts';
import type { ScenarioRun } from '../report/run-result.ts';
import type { GuestSession } from './guest-session.ts';
import { RunFolder } from './run-folder.ts';
import { planRuns, runSuite } from './suite.ts';
import { places } from './turn.ts';

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

describe('a suite', () => {
  const cache = process.env['WSKLAB_CACHE'];
  let scratch: string;
  beforeEach(() => {
    scratch = mkdtempSync(join(tmpdir(), 'suite-'));
    process.env['WSKLAB_CACHE'] = scratch; // where other labs take no turns
  });
  afterEach(() => {
    if (cache === undefined) delete process.env['WSKLAB_CACHE'];
    else process.env['WSKLAB_CACHE'] = cache;
    rmSync(scratch, { recursive: true });
  });

  /** Refused before anything is done with it: all that is left of a guest here is its end. */
  async function runRefused(end: () => Promise<void>, onStep: (label: string) => void): Promise<ScenarioRun> {
    const needy = {
      ...scenario('ipv6', 'Over IPv6'),
      requires: ['ipv6'],
      exercises: [],
      expect: {},
      driver: {},
    };
    const network = { kind: 'user', reason: 'asked for', capabilities: { ipv6: false } };
    const session = {
      guest: { network, capabilities: new Set() },
      files: { require: () => Promise.resolve() },
      [Symbol.asyncDispose]: end,
    } as unknown as GuestSession;
    const runs: ScenarioRun[] = [];
    await runSuite({
      plan: planRuns([needy as unknown as Scenario], { seeds: undefined, grep: undefined }),
      guests: { jobs: 1, take: () => Promise.resolve(session), [Symbol.asyncDispose]: async () => undefined },
      ...{ folder: new RunFolder(scratch), rules: [], config: labConfigSchema.parse({}), driver: undefined },
      signal: new AbortController().signal,
      watch: () => ({ onGuest: () => undefined, onStep, onResult: (run) => runs.push(run) }),
    });
    assert.equal(runs.length, 1);
    return runs[0]!;
  }

  it('has a result of a scenario whose guest does not end', async () => {
    const run = await runRefused(
      () => Promise.reject(new Error('QEMU did not end')),
      () => undefined,
    );
    assert.match(run.refused ?? '', /IPv6/);
    assert.match(run.fault?.message ?? '', /QEMU did not end/);
    assert.equal(run.waitedMs, undefined);
  });

  it('waits while other labs on its cache have taken all places, and says for which', async () => {
    const turns = join(scratch, 'turns');
    mkdirSync(turns);
    for (let count = 0; count < places(1); count++)
      writeFileSync(
        join(turns, `${count}`.padStart(20, '0') + `-${process.pid}-${processStartTime(process.pid)}`),
        '',
      );
    const steps: string[] = [];
    const run = await runRefused(
      () => Promise.resolve(),
      (label) => {
        steps.push(label);
        if (label.startsWith('waits')) rmSync(turns, { recursive: true });
      },
    );
    assert.deepEqual(steps, [`waits for other labs: ${process.pid}`, 'a new guest', 'the end of its guest']);
    assert.ok((run.waitedMs ?? 0) > 0);
  });
});
