/** One fault, once: the lab is started, struck, watched to its end, and started again. */
import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { cp } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { LabConfig } from '../lab/config/lab-config.ts';
import { readRunJson } from '../lab/report/run-json.ts';
import type { RunResult } from '../lab/report/run-result.ts';
import { UndoStack } from '../lab/undo.ts';
import { ChildLab, type End, type Environment } from './child-lab.ts';
import { Draw } from './draw.ts';
import type { Fault, Setting, StruckSetting } from './fault.ts';
import { brokenInvariants, outcomeOf, type Invariant, type Observation } from './invariants.ts';
import { companionCommand } from './lab-faults.ts';
import { leftovers, lookBefore, type Before } from './leftovers.ts';
import { markOf } from './marked-processes.ts';
import { drawMoment, momentOf, phaseOf, SCENARIOS, type Moment } from './moments.ts';
import type { OwnCache } from './own-cache.ts';

export interface CaseResult {
  fault: string;
  seed: number;
  phase: string;
  /** After the phase began. */
  strikeMs: number;
  outcome: string;
  /** From the strike to the lab's end. */
  afterMs: number;
  broken: { invariant: Invariant; words: string }[];
}

/** What a run may take beyond its deadlines. */
const GRACE_MS = 10_000;
/** What was said so long before the end has to be on disk. */
const SAID_MS = 100;

export interface CaseOptions {
  name: string;
  fault: Fault;
  seed: number;
  cache: OwnCache;
  config: LabConfig;
  /** What a boot of the guest may take. */
  bootMs: number;
  signal: AbortSignal;
}

export class Case {
  readonly #options: CaseOptions;
  readonly #draw: Draw;
  readonly #moment: Moment;
  readonly #mark: string;
  readonly #before: Before;
  readonly #over = new AbortController();
  readonly #labs: ChildLab[] = [];
  #env: Environment = {};

  constructor(options: CaseOptions) {
    this.#options = options;
    this.#draw = new Draw(options.name, options.seed);
    this.#moment = drawMoment(this.#draw, options.fault.phases);
    this.#mark = markOf(`${options.name}-${options.seed}-${process.pid}`);
    this.#before = lookBefore(options.cache);
  }

  async run(): Promise<CaseResult> {
    const { name, fault, seed } = this.#options;
    const seen = await this.#observe();
    const broken = brokenInvariants(seen, fault.allows);
    if (broken.length > 0) await this.#keep(seen, broken);
    const { phase, afterMs: strikeMs } = this.#moment;
    const { afterMs } = seen;
    return { ...{ fault: name, seed, phase, strikeMs }, ...{ outcome: outcomeOf(seen), afterMs, broken } };
  }

  async #observe(): Promise<Observation> {
    const { fault, cache, signal } = this.#options;
    await using undo = new UndoStack();
    await using repair = new UndoStack();
    // Last made, first undone: nothing is taken away from a lab that still runs.
    await using _ = { [Symbol.asyncDispose]: () => this.#endAll() };
    if (phaseOf(this.#moment).withoutTemplate) undo.push('the template', await cache.setTemplatesAside());
    const setting: Setting = {
      ...{ cache, draw: this.#draw, phase: this.#moment.phase, repair, undo, over: this.#over.signal },
      startCompanion: () => this.#start(companionCommand()),
    };
    this.#env = fault.env?.(cache) ?? {};
    await fault.prepare?.(setting);
    const isBefore = this.#moment.phase === 'before';
    const struckBefore = isBefore && (await fault.strike?.(setting as never)) !== false;
    const command = fault.command?.(setting) ?? ['run', ...SCENARIOS, ...(phaseOf(this.#moment).args ?? [])];
    const lab = this.#start(command);
    const arrived = await momentOf(this.#moment, lab, { cache, signal });
    const strikeAtMs = performance.now();
    const striking = isBefore || !arrived ? undefined : strike(fault, { ...setting, lab });
    const limitMs = this.#deadlineMs() + GRACE_MS;
    const end = await this.#within(lab, limitMs);
    const afterMs = Math.round(performance.now() - strikeAtMs);
    const said = lab.said(typeof end === 'string' ? afterMs + SAID_MS : 0);
    this.#over.abort();
    const struck = isBefore ? struckBefore : arrived && (await striking) !== false;
    const companions = await Promise.all(
      this.#labs.filter((each) => each !== lab).map((each) => this.#within(each, limitMs)),
    );
    const { result, unreadable } = readResult(lab, command);
    await repair[Symbol.asyncDispose]();
    const next = await this.#nextStart(command);
    return {
      ...{ end, struck, phase: this.#moment.phase, afterMs, limitMs, result, said, companions, next },
      ...(unreadable !== undefined && { unreadable }),
      planned: fault.scenarios ?? (command[0] === 'run' && command.length > 2 ? SCENARIOS : []),
      output: lab.output,
      leftovers: leftovers(cache, { before: this.#before, mark: this.#mark }),
      isBaseUnchanged: await cache.isBaseUnchanged(),
    };
  }

  #start(command: readonly string[]): ChildLab {
    const lab = new ChildLab(command, this.#options.cache, { mark: this.#mark, env: this.#env });
    this.#labs.push(lab);
    return lab;
  }

  /** The deadline of what was struck, one scenario or all, and of the boot where one has to come first. */
  #deadlineMs(): number {
    const { fault, bootMs, config } = this.#options;
    const { withoutTemplate, args } = phaseOf(this.#moment);
    const boots = withoutTemplate === true || args !== undefined || this.#moment.phase === 'before';
    const struck = fault.lasts ? SCENARIOS.length : 1;
    return struck * config.timeouts.scenarioMs + (boots ? bootMs : 0);
  }

  /** Undefined: it had not ended then, and was killed. */
  async #within(lab: ChildLab, limitMs: number): Promise<End | undefined> {
    const stop = new AbortController();
    const { signal } = this.#options;
    const limit = delay(limitMs, undefined, { signal: AbortSignal.any([stop.signal, signal]) });
    try {
      const end = await Promise.race([lab.ended, limit]);
      if (end === undefined) lab.killGroup('SIGKILL');
      return end ?? undefined;
    } finally {
      stop.abort();
      limit.catch(() => undefined);
    }
  }

  /** What only read files has left no machines behind: nothing has to be started for it. */
  async #nextStart(command: readonly string[]): Promise<End | undefined> {
    if (command[0] !== 'run') return 0;
    this.#env = {};
    const { bootMs, config } = this.#options;
    return await this.#within(this.#start(companionCommand()), bootMs + config.timeouts.scenarioMs);
  }

  async #endAll(): Promise<void> {
    this.#over.abort();
    for (const lab of this.#labs) lab.killGroup('SIGKILL');
    await Promise.all(this.#labs.map(({ ended }) => ended));
  }

  /** For people: what the labs said, and their run folders. */
  async #keep(seen: Observation, broken: readonly unknown[]): Promise<void> {
    const { cache, name, seed } = this.#options;
    const folder = join(cache.broken, `${name}-${seed}`);
    mkdirSync(folder, { recursive: true });
    const { output: _, ...rest } = seen;
    writeFileSync(join(folder, 'case.json'), `${JSON.stringify({ broken, ...rest }, undefined, 2)}\n`);
    for (const [index, lab] of this.#labs.entries()) {
      writeFileSync(join(folder, `lab-${index + 1}.log`), lab.output);
      const run = lab.runFolder;
      if (run !== undefined) await cp(run, join(folder, `run-${index + 1}`), { recursive: true });
    }
  }
}

/** What keeps it from striking is for the one who awaits it, after the lab has ended. */
function strike(fault: Fault, setting: StruckSetting): Promise<unknown> {
  const striking = Promise.resolve(setting).then((it) => fault.strike?.(it));
  striking.catch(() => undefined);
  return striking;
}

function readResult(
  lab: ChildLab,
  command: readonly string[],
): { result: RunResult | undefined; unreadable?: string } {
  const json = command.indexOf('--json');
  const path = json < 0 ? join(lab.runFolder ?? '/nowhere', 'run.json') : command[json + 1]!;
  if (!existsSync(path)) return { result: undefined };
  try {
    return { result: readRunJson(path) };
  } catch (error) {
    return { result: undefined, unreadable: (error as Error).message };
  }
}

/** The newest run folder. */
export function newestRun({ runs }: OwnCache): string {
  return join(runs, readdirSync(runs).sort().at(-1) ?? '');
}
