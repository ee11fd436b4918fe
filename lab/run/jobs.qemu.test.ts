import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { projectRoot } from '../project.ts';
import { judge } from '../report/outcome.ts';
import { readRunJson } from '../report/run-json.ts';

/** With a green one, one whose clients are many, and two that are violated, each in its way. */
const SCENARIOS = ['one-connection', 'half-close', 'mistakes/closes-twice', 'mistakes/never-closes'];

describe('lab run --jobs', function () {
  this.timeout(600_000);
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'wsklab-test-'));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  async function verdictsWith(jobs: number): Promise<string[]> {
    const json = join(folder, `jobs-${jobs}.json`);
    const args = ['run', ...SCENARIOS, '--jobs', `${jobs}`, '--json', json];
    const { exitCode, all } = await execa(process.execPath, ['scripts/lab.mjs', ...args], {
      ...{ cwd: projectRoot, all: true, reject: false },
    });
    assert.equal(exitCode, 0, all);
    // What chance decides in a scenario it may decide otherwise in every run; what it claims, not.
    return readRunJson(json).runs.map((run) => {
      const of = (outcome: string) =>
        run.verdicts.filter((it) => it.outcome === outcome).map(({ clause }) => clause);
      const exercised = of('held').filter((clause) => run.exercises.includes(clause));
      const words = [judge(run).outcome, 'held', ...exercised, 'violated', ...of('violated')];
      return `${run.scenario}: ${words.join(' ')}`;
    });
  }

  it('gives the same verdicts for one guest at a time and for several', async () => {
    const [one, several] = [await verdictsWith(1), await verdictsWith(3)];
    assert.equal(one.length, SCENARIOS.length);
    assert.deepEqual([...several].sort(), [...one].sort());
  });
});
