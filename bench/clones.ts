/** How fast a clone is there, what it costs, and how soon a machine's end is noticed. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { chmod, copyFile, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { cloneSettings, WaitingClone, type PausedClone } from '../lab/clone/clone.ts';
import { ensureTemplate, type Template } from '../lab/clone/template.ts';
import { prepare } from '../lab/commands/guests.ts';
import { bootGuest } from '../lab/guest/boot-guest.ts';
import type { BootedGuest } from '../lab/guest/guest.ts';
import { type Launcher } from '../lab/machine/launch.ts';
import { MachineFolder } from '../lab/machine/machine-folder.ts';
import { restoreState, setCapabilities } from '../lab/machine/migration.ts';
import { processStartTime } from '../lab/machine/process-identity.ts';
import { startMachine } from '../lab/machine/qemu-process.ts';
import { openNetwork } from '../lab/network/open-network.ts';
import { projectRoot } from '../lab/project.ts';
import { exerciseTrace, readyContents, readyGuest } from '../lab/run/ready-guest.ts';
import { renderTraceParameters } from '../lab/run/trace-parameters.ts';
import { UndoStack } from '../lab/undo.ts';
import type { Bench } from './bench.ts';
import { figure, median, type Figure } from './figure.ts';

const ROUNDS = 7;
const MANY = 8;
const MEMORY_MIB = 1024;

export async function* measureClones(bench: Bench): AsyncGenerator<Figure> {
  const clones = new Clones(bench, await benchTemplate(bench));
  yield* requestTimes(bench, clones);
  yield* memory(bench, clones);
  yield* ends(bench, clones);
}

async function benchTemplate(bench: Bench): Promise<Template> {
  const { config, folder, progress, signal } = bench;
  const preparation = await prepare(config.guest, bench);
  const { signingKey } = preparation;
  using work = progress.begin(`template with ${MEMORY_MIB} MiB`);
  return await ensureTemplate({
    image: { ...preparation.guest, memoryMiB: MEMORY_MIB },
    imageDigest: preparation.image.digest,
    contents: await readyContents(signingKey),
    ready: (guest) => readyGuest(guest, { signingKey, folder: join(folder.path, 'template') }),
    evidence: join(folder.path, 'template'),
    ...{ network: config.machine.network, accelerator: config.machine.accelerator, signal },
    onStage: (stage) => work.detail(stage),
    onWarning: (text) => progress.warn(text),
  });
}

class Clones {
  readonly #bench: Bench;
  readonly #template: Template;
  #count = 0;

  constructor(bench: Bench, template: Template) {
    this.#bench = bench;
    this.#template = template;
  }

  async waiting(): Promise<WaitingClone> {
    return await WaitingClone.start(this.#template, this.#bench.folder.machine(++this.#count));
  }

  async paused(): Promise<PausedClone> {
    return await (await this.waiting()).restore();
  }

  /** As the pool has them. */
  async warm(): Promise<PausedClone> {
    return await (await this.paused()).warmUp(exerciseTrace);
  }

  /** What the same guest takes that was booted, and shares nothing. */
  async bootedMiB(): Promise<number> {
    const { image, accelerator, network } = this.#template;
    await using guest = await bootGuest(image, {
      ...{ evidence: this.#bench.folder.machine(++this.#count), signal: this.#bench.signal },
      ...{ accelerator: accelerator.accelerator, network },
    });
    return pssMiB(guest.machine.pid);
  }

  /** A new QEMU process that takes the state in from `cat`, as most descriptions have it, until the guest runs. */
  async execCatMs(): Promise<number> {
    await using undo = new UndoStack();
    const network = await openNetwork(this.#template.network);
    undo.push('the network', async () => network[Symbol.asyncDispose]());
    const folder = await MachineFolder.create();
    undo.push('the machine folder', () => folder[Symbol.asyncDispose]());
    const evidence = this.#bench.folder.machine(++this.#count);
    await mkdir(evidence, { recursive: true });
    // Where QEMU's user may read it: only QEMU itself gets descriptors.
    const scratch = await mkdtemp(join(tmpdir(), 'wsklab-bench-'));
    undo.push('the copied state', () => rm(scratch, { recursive: true }));
    const state = join(scratch, 'state');
    await copyFile(join(this.#template.stored.folder, 'state'), state);
    for (const path of [scratch, state]) await chmod(path, 0o755);
    // The lab's own machines may start no program.
    const launcher: Launcher = (argv) =>
      network.launcher(argv.map((word) => word.replace('spawn=deny', 'spawn=allow')));
    const began = performance.now();
    const machine = await startMachine(cloneSettings(this.#template, network, evidence), {
      ...{ folder, evidence, launcher },
    });
    undo.push('the machine', () => machine[Symbol.asyncDispose]());
    await setCapabilities(machine);
    await restoreState(machine, `exec:cat ${state}`);
    await machine.qmp.execute('cont');
    return performance.now() - began;
  }

  async guest(): Promise<BootedGuest> {
    return await (await this.warm()).run();
  }
}

interface Times {
  runningMs: number;
  greetedMs: number;
  recordMs: number;
}

/** From the request until the guest runs, has answered its greeting, and has sent the first block of a trace. */
async function timesFrom(take: () => Promise<PausedClone>): Promise<Times> {
  const began = performance.now();
  const since = () => performance.now() - began;
  let runningMs = NaN;
  await using guest = await (await take()).run(() => (runningMs = since()));
  const greetedMs = since();
  const parameters = { ringBytes: 8 * 2 ** 20, seed: 1, perturb: [] };
  const stream = await guest.agent.startTrace(renderTraceParameters(parameters));
  const blocks = stream[Symbol.asyncIterator]();
  const first = blocks.next();
  await guest.agent.stopTrace();
  await first;
  const recordMs = since();
  await stream.ended;
  return { runningMs, greetedMs, recordMs };
}

async function* requestTimes({ progress }: Bench, clones: Clones): AsyncGenerator<Figure> {
  using _ = progress.begin(`clones: ${ROUNDS} of each kind`);
  const [fromNothing, fromWaiting, fromPaused]: Times[][] = [[], [], []];
  const execCat: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    execCat.push(await clones.execCatMs());
    fromNothing!.push(await timesFrom(() => clones.paused()));
    const waiting = await clones.waiting();
    fromWaiting!.push(await timesFrom(() => waiting.restore()));
    const paused = await clones.warm();
    fromPaused!.push(await timesFrom(() => Promise.resolve(paused)));
  }
  const of = (times: Times[], what: keyof Times) => median(times.map((each) => each[what]));
  const baseline = { name: 'new QEMU process with exec:cat', value: median(execCat) };
  yield figure(
    'clone, request to running, new namespace and QEMU',
    of(fromNothing!, 'runningMs'),
    'ms',
    baseline,
  );
  yield figure('clone, request to running, waiting', of(fromWaiting!, 'runningMs'), 'ms', baseline);
  yield figure('clone, request to running, paused', of(fromPaused!, 'runningMs'), 'ms', baseline);
  yield figure('clone, request to greeted, paused', of(fromPaused!, 'greetedMs'), 'ms');
  yield figure('clone, request to first trace record, paused', of(fromPaused!, 'recordMs'), 'ms');
}

/** Proportional set size: a page that n processes share counts one n-th in each. */
function pssMiB(pid: number): number {
  const line = /^Pss:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8'));
  return Number(line?.[1]) / 1024;
}

async function* memory({ progress }: Bench, clones: Clones): AsyncGenerator<Figure> {
  using _ = progress.begin(`memory of ${MANY} clones`);
  const guests: BootedGuest[] = [];
  try {
    guests.push(await clones.guest());
    const one = pssMiB(guests[0]!.machine.pid);
    while (guests.length < MANY) guests.push(await clones.guest());
    const all = guests.reduce((sum, { machine }) => sum + pssMiB(machine.pid), 0);
    yield figure('clone, memory of one (PSS)', one, 'MiB');
    const baseline = { name: `${MANY} times one`, value: MANY * one };
    yield figure(`clone, memory of ${MANY} (sum of PSS)`, all, 'MiB', baseline);
    const booted = { name: `${MANY} times one booted guest`, value: MANY * (await clones.bootedMiB()) };
    yield figure(`clone, memory of ${MANY} against booted guests`, all, 'MiB', booted);
  } finally {
    await Promise.all(guests.map((guest) => guest[Symbol.asyncDispose]()));
  }
}

async function* ends({ progress }: Bench, clones: Clones): AsyncGenerator<Figure> {
  using _ = progress.begin('dead and hung machines');
  yield figure('machine, QEMU killed until noticed', await untilGone(clones, 'SIGKILL'), 'ms');
  yield figure('machine, QEMU stopped until noticed', await untilGone(clones, 'SIGSTOP'), 'ms');
  yield figure("machine, lab killed until QEMU's end", await labKilled(), 'ms');
}

async function untilGone(clones: Clones, signal: 'SIGKILL' | 'SIGSTOP'): Promise<number> {
  await using guest = await clones.guest();
  const began = performance.now();
  process.kill(guest.machine.pid, signal);
  await guest.gone;
  return performance.now() - began;
}

async function labKilled(): Promise<number> {
  const scratch = mkdtempSync(join(tmpdir(), 'wsklab-bench-'));
  try {
    const program = join(projectRoot, 'lab/machine/lab-to-kill.fixture.ts');
    const lab = spawn(process.execPath, ['--import', 'tsx', program, scratch], {
      cwd: projectRoot,
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const [line] = (await once(lab.stdout, 'data')) as [Buffer];
    const pid = Number(line.toString());
    const began = performance.now();
    lab.kill('SIGKILL');
    while (processStartTime(pid) !== undefined) await delay(2);
    return performance.now() - began;
  } finally {
    rmSync(scratch, { recursive: true });
  }
}
