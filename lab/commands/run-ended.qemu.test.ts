import assert from 'node:assert/strict';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { readLabConfig } from '../config/lab-config.ts';
import { machinesFolder, removeStaleMachines } from '../machine/machine-folder.ts';
import { processStartTime } from '../machine/process-identity.ts';
import { projectRoot } from '../project.ts';
import { readRunJson } from '../report/run-json.ts';

const SCENARIO = 'stop-with-connections-open';

/** `lab run` as a user starts it, in the middle of a scenario. */
class RunningLab {
  readonly #process: ChildProcess;
  readonly ended: Promise<number | NodeJS.Signals | null>;
  #output = '';

  static async inScenario(): Promise<RunningLab> {
    const args = [join(projectRoot, 'scripts', 'lab.mjs'), 'run', SCENARIO];
    const lab = new RunningLab(spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'] }));
    await lab.#until('records in the trace', () =>
      existsSync(join(lab.runFolder ?? '', SCENARIO, 'trace', 'metadata')),
    );
    return lab;
  }

  private constructor(child: ChildProcess) {
    this.#process = child;
    for (const stream of [child.stdout, child.stderr])
      stream?.on('data', (chunk: Buffer) => (this.#output += chunk.toString()));
    this.ended = once(child, 'close').then(
      ([exitCode, signal]) => (exitCode ?? signal) as number | NodeJS.Signals | null,
    );
  }

  get output(): string {
    return this.#output;
  }

  get runFolder(): string | undefined {
    const { folder } = readLabConfig().runs;
    const names = existsSync(folder) ? readdirSync(folder) : []; // the first run in a clone makes it
    const name = names.find((each) => each.endsWith(`-${this.#process.pid}`));
    return name === undefined ? undefined : join(folder, name);
  }

  /** Folders of its machines, in the cache. */
  get machines(): string[] {
    return readdirSync(machinesFolder())
      .filter((name) => name.startsWith(`${this.#process.pid}-`))
      .map((name) => join(machinesFolder(), name));
  }

  /** What it noted of the processes of its machines, as in MachineFolder.adopt. */
  get processes(): { pid: number; startTime: string; name: string }[] {
    const lists = this.machines.map((folder) => readFileSync(join(folder, 'processes'), 'utf8'));
    return lists.flatMap((list) =>
      [...list.matchAll(/^(\d+) (\d+) (.*)$/gm)].map(([, pid, startTime = '', name = '']) => ({
        ...{ pid: Number(pid), startTime, name },
      })),
    );
  }

  kill(signal: NodeJS.Signals): void {
    this.#process.kill(signal);
  }

  async #until(what: string, condition: () => boolean): Promise<void> {
    for (const deadline = Date.now() + 180_000; !condition(); await delay(50)) {
      assert.equal(this.#process.exitCode, null, `the lab ended before ${what}:\n${this.#output}`);
      assert.ok(Date.now() < deadline, `no ${what} within 180 s:\n${this.#output}`);
    }
  }
}

const alive = ({ pid, startTime }: { pid: number; startTime: string }) => processStartTime(pid) === startTime;

describe('a run that is ended in the middle of a scenario', function () {
  this.timeout(240_000);

  it('by the death of QEMU says so, as a fault of the host, and leaves nothing', async () => {
    const lab = await RunningLab.inScenario();
    const { processes } = lab;
    const qemus = processes.filter(({ name }) => name.startsWith('qemu'));
    assert.notEqual(qemus.length, 0);
    for (const { pid } of qemus) process.kill(pid, 'SIGKILL');
    assert.equal(await lab.ended, 3, lab.output);
    const [run] = readRunJson(join(lab.runFolder!, 'run.json')).runs;
    assert.equal(run?.fault?.code, 'LAB_GUEST_GONE');
    assert.match(run.fault.message, /QEMU was ended from outside by SIGKILL during scenario/);
    assert.deepEqual([lab.machines, processes.filter(alive)], [[], []]);
  });

  it('by Ctrl-C keeps what it has, says that it was interrupted, and leaves nothing', async () => {
    const lab = await RunningLab.inScenario();
    const { processes } = lab;
    lab.kill('SIGINT');
    assert.equal(await lab.ended, 130, lab.output);
    const result = readRunJson(join(lab.runFolder!, 'run.json'));
    assert.equal(result.fault?.code, 'LAB_INTERRUPTED');
    assert.deepEqual(
      result.runs.flatMap(({ verdicts }) => verdicts.filter(({ outcome }) => outcome === 'violated')),
      [],
    );
    assert.deepEqual([lab.machines, processes.filter(alive)], [[], []]);
  });

  it('by kill -9 of the lab takes QEMU and its network with it, and the next start removes the rest', async () => {
    const lab = await RunningLab.inScenario();
    const { processes, machines } = lab;
    assert.ok(processes.length >= 1);
    lab.kill('SIGKILL');
    assert.equal(await lab.ended, 'SIGKILL');
    for (const deadline = Date.now() + 2_000; processes.some(alive); await delay(20))
      assert.ok(Date.now() < deadline, `still there after 2 s: ${JSON.stringify(processes.filter(alive))}`);
    const removed = (await removeStaleMachines()).map(({ folder }) => folder);
    assert.deepEqual(
      machines.filter((folder) => !removed.includes(folder) || existsSync(folder)),
      [],
    );
  });
});
