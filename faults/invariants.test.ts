import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { RunResult, ScenarioRun } from '../lab/report/run-result.ts';
import { Draw } from './draw.ts';
import { brokenInvariants, outcomeOf, type Observation } from './invariants.ts';
import { leftovers } from './leftovers.ts';
import { channelDescriptor, MarkedProcesses, markOf } from './marked-processes.ts';
import { drawMoment } from './moments.ts';

const CLAUSE = 'accept-event/irql';

function scenarioRun(changes: Partial<ScenarioRun> = {}): ScenarioRun {
  return {
    ...{ scenario: 'one-connection', name: 'a sentence', driver: 'echo', seed: 1, folder: '/runs/1' },
    ...{ command: 'npm run lab -- run one-connection', timingsMs: {}, records: 100, lostRecords: 0 },
    verdicts: [{ clause: CLAUSE, outcome: 'held', tested: 1, broken: 0, violations: [] }],
    ...{ exercises: [CLAUSE], expected: { violated: [] }, failures: [] },
    ...changes,
  };
}

function result(runs: ScenarioRun[], changes: Partial<RunResult> = {}): RunResult {
  return {
    ...{ format: 1, startedAt: '2026-11-22T10:00:00.000Z', durationMs: 1, folder: '/runs/1', timingsMs: {} },
    ...{ clauses: [], runs },
    ...changes,
  };
}

const hostFault = { code: 'LAB_GUEST_GONE', blame: 'host' as const, message: 'killed', evidence: [] };

/** Of a case in which nothing is broken: the run was green in spite of the fault. */
function observation(changes: Partial<Observation> = {}): Observation {
  return {
    ...{
      end: 0,
      struck: true,
      phase: 'trace',
      afterMs: 10,
      limitMs: 1000,
      output: '',
      companions: [],
      next: 0,
    },
    ...{ planned: ['one-connection'], said: ['one-connection'], leftovers: [], isBaseUnchanged: true },
    result: result([scenarioRun()]),
    ...changes,
  };
}

const broken = (changes: Partial<Observation>, allows: Parameters<typeof brokenInvariants>[1] = {}) =>
  brokenInvariants(observation(changes), allows).map(({ invariant, words }) => `${invariant}: ${words}`);

describe('the invariants of a case', () => {
  it('hold when the fault had no effect, and when the run honestly says whose it was', () => {
    assert.deepEqual(broken({}), []);
    const faulted = scenarioRun({ fault: hostFault, verdicts: [] });
    assert.deepEqual(broken({ end: 3, result: result([faulted]) }, { blames: ['host'] }), []);
    assert.equal(outcomeOf(observation({ end: 3, result: result([faulted]) })), 'LAB_GUEST_GONE');
  });

  it('are broken by a green run that rests on less than all of it', () => {
    assert.deepEqual(broken({ result: result([]), said: [] }), ['honest: green without one-connection']);
    const idle = scenarioRun({ verdicts: [], expected: { violated: [] } });
    assert.match(broken({ result: result([idle]) }).join(), /one-connection inconclusive/);
    const lossy = scenarioRun({ lostRecords: 3 });
    assert.deepEqual(broken({ result: result([lossy]) }), ['honest: green, and one-connection lost records']);
    const faulted = scenarioRun({ fault: hostFault });
    assert.match(broken({ result: result([faulted]) }).join(), /honest: green, and its run\.json is not/);
    assert.match(broken({ result: undefined, said: [] }).join(), /green without a result/);
  });

  it('are broken by a violation that the lab made, and by a failure that it calls the driver’s', () => {
    const violated = scenarioRun({
      verdicts: [{ clause: CLAUSE, outcome: 'violated', tested: 1, broken: 1, violations: [] }],
      fault: hostFault,
    });
    assert.match(broken({ end: 1, result: result([violated]) }, { blames: ['host'] }).join(), /is violated/);
    const failed = scenarioRun({ failures: [{ step: 'connect', text: 'refused' }] });
    assert.match(broken({ end: 1, result: result([failed]) }, { blames: ['host'] }).join(), /is failed/);
  });

  it('are broken by a blame that does not fit, and by a defect of the lab', () => {
    const faulted = result([scenarioRun({ fault: { ...hostFault, blame: 'guest' }, verdicts: [] })]);
    assert.deepEqual(broken({ end: 3, result: faulted }, { blames: ['host'] }), [
      'honest: LAB_GUEST_GONE blames the guest: killed',
    ]);
    assert.deepEqual(broken({ output: 'error LAB_UNEXPECTED: x is undefined' }), [
      'honest: it said LAB_UNEXPECTED',
    ]);
    assert.deepEqual(broken({ end: 'SIGSEGV' }, { signals: ['SIGKILL'] }), [
      'honest: it was ended by SIGSEGV',
    ]);
  });

  it('are broken when nothing struck and the run is not green all the same', () => {
    const faulted = result([scenarioRun({ fault: hostFault, verdicts: [] })]);
    assert.equal(broken({ end: 3, struck: false, result: faulted }, { blames: ['host'] }).length, 1);
  });

  it('are broken by a run that does not end, a changed base image and a next start that is not green', () => {
    assert.deepEqual(broken({ end: undefined, isBaseUnchanged: false, next: 3 }), [
      'in time: still ran 1000 ms after the fault',
      'clean: the next start ended with 3',
      'base: the base image has changed',
    ]);
  });

  it('are broken by a scenario that was said to have ended and is not in run.json', () => {
    const missing = { end: 'SIGKILL' as const, result: result([]), said: ['one-connection'] };
    assert.deepEqual(broken(missing, { signals: ['SIGKILL'], mayLackResult: true }), [
      'kept: one-connection had ended and is not in run.json',
    ]);
    assert.deepEqual(broken({ ...missing, end: 'SIGKILL' }, { signals: ['SIGKILL'], isDiskFull: true }), []);
    const cut = { end: 3, result: undefined, unreadable: 'run.json: not readable as JSON', said: [] };
    assert.match(broken(cut).join(), /kept: run\.json: not readable/);
  });
});

describe('what a lab left', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'leftovers-'));
    for (const name of ['cache/machines', 'runs', 'tmp']) mkdirSync(join(folder, name), { recursive: true });
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  const looked = (mark: string) =>
    leftovers(
      { path: join(folder, 'cache'), runs: join(folder, 'runs'), temporary: join(folder, 'tmp') },
      { before: { interfaces: [], namespaces: [], cache: ['machines'] }, mark },
    );

  it('is a process, also one that runs in a session of its own', async () => {
    const mark = markOf(`test-${process.pid}`);
    const child = spawn('sleep', ['60'], { detached: true, env: { PATH: `${process.env['PATH']}:${mark}` } });
    await once(child, 'spawn');
    assert.deepEqual(looked(mark), [`process ${child.pid}: sleep 60`]);
    child.kill('SIGKILL');
    await once(child, 'exit');
    assert.deepEqual(looked(mark), []);
  });

  it('is a machine, a lock, a half-written file, and whatever else is new', () => {
    mkdirSync(join(folder, 'cache/machines/4711-1-1'));
    mkdirSync(join(folder, 'cache/templates/locks/reference-1.lock'), { recursive: true });
    mkdirSync(join(folder, 'runs/1'));
    writeFileSync(join(folder, 'runs/1/run.json.part'), '');
    writeFileSync(join(folder, 'tmp/wl-1'), '');
    assert.deepEqual(looked('/no/mark'), [
      'in the cache: machines/4711-1-1',
      'in the cache: templates/locks/reference-1.lock',
      'in the cache: templates',
      'half-written: 1/run.json.part',
      'temporary: wl-1',
    ]);
  });
});

describe('a case', () => {
  it('is drawn from its seed alone', () => {
    const moment = (seed: number) => drawMoment(new Draw('kill-lab', seed), ['start', 'clone', 'trace']);
    assert.deepEqual(moment(7), moment(7));
    assert.ok(new Set([1, 2, 3, 4, 5, 6].map((seed) => JSON.stringify(moment(seed)))).size > 4);
    assert.deepEqual(new Set(Array.from({ length: 50 }, (_, seed) => moment(seed).phase)).size, 3);
  });

  it("finds a channel's descriptor in QEMU's command line", () => {
    const command = [
      'qemu-system-x86_64',
      '-chardev',
      'socket,id=agent,fd=5',
      '-chardev',
      'socket,id=qmp,fd=3',
    ];
    assert.equal(channelDescriptor({ pid: 1, command }, 'agent'), 5);
    assert.equal(channelDescriptor({ pid: 1, command }, 'console'), undefined);
  });

  it('finds the processes that carry its mark, also those that began between two looks', async () => {
    const mark = markOf(`test-${process.pid}`);
    const marked = new MarkedProcesses(mark);
    assert.deepEqual(marked.now(), []);
    const cat = spawn('setpriv', ['--pdeathsig', 'KILL', '--', 'cat'], {
      env: { ...process.env, PATH: `${process.env['PATH']}:${mark}` },
    });
    const closed = once(cat, 'close');
    try {
      let found = marked.now();
      // While setpriv becomes cat it has no environment.
      for (let look = 0; look < 1000 && found.length === 0; look++, found = marked.now()) await delay(5);
      assert.deepEqual(
        found.map(({ pid }) => pid),
        [cat.pid],
      );
    } finally {
      cat.kill();
    }
    await closed;
    assert.deepEqual(marked.now(), []);
  });
});
