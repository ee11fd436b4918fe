/** A lab as a user starts it: a process of its own, seen from outside only. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { boundToLab } from '../lab/machine/launch.ts';
import { projectRoot } from '../lab/project.ts';
import type { OwnCache } from './own-cache.ts';
import { MarkedProcesses, type MarkedProcess } from './marked-processes.ts';

/** Of a lab that talks without end, this is enough for people. */
const MAX_OUTPUT_CHARACTERS = 256 * 1024;

/** The exit code, or the signal that ended it. */
export type End = number | NodeJS.Signals;

export class ChildLab {
  readonly ended: Promise<End>;
  readonly args: readonly string[];
  output = '';
  readonly #process: ChildProcess;
  readonly #cache: OwnCache;
  readonly #marked: MarkedProcesses;
  /** Scenarios that it said had ended, and when. */
  readonly #said = new Map<string, number>();

  constructor(args: readonly string[], cache: OwnCache, { mark, env }: { mark: string; env: Environment }) {
    this.args = args;
    this.#cache = cache;
    this.#marked = new MarkedProcesses(mark);
    const [program, ...words] = boundToLab([
      process.execPath,
      join(projectRoot, 'scripts', 'lab.mjs'),
      ...args,
    ]) as [string, ...string[]];
    this.#process = spawn(program, words, {
      stdio: ['ignore', 'pipe', 'pipe'],
      // A process group of its own, as a terminal gives it one: Ctrl-C goes to all that is in it.
      detached: true,
      env: {
        ...process.env,
        ...{ WSKLAB_CACHE: cache.path, WSKLAB_RUNS: cache.runs, TMPDIR: cache.temporary, NO_COLOR: '1' },
        ...env,
        PATH: `${process.env['PATH']}:${mark}`,
      },
    });
    for (const stream of [this.#process.stdout!, this.#process.stderr!])
      stream.on('data', (chunk: Buffer) => this.#hear(chunk.toString()));
    this.ended = once(this.#process, 'close').then(([code, signal]) => (code ?? signal) as End);
    this.ended.catch(() => undefined);
  }

  get pid(): number {
    return this.#process.pid ?? -1;
  }

  get hasEnded(): boolean {
    return this.#process.exitCode !== null || this.#process.signalCode !== null;
  }

  get runFolder(): string | undefined {
    const name = readdirSync(this.#cache.runs).find((each) => each.endsWith(`-${this.pid}`));
    return name === undefined ? undefined : join(this.#cache.runs, name);
  }

  has(...path: string[]): boolean {
    return existsSync(join(this.runFolder ?? '/nowhere', ...path));
  }

  /** Its processes, and those of labs with the same mark, but not itself. */
  processes(): MarkedProcess[] {
    return this.#marked.now().filter(({ pid }) => pid !== this.pid);
  }

  /** Scenarios of which it said, so long before now, that they have ended. */
  said(beforeMs = 0): string[] {
    const until = performance.now() - beforeMs;
    return [...this.#said].filter(([, atMs]) => atMs <= until).map(([name]) => name);
  }

  kill(signal: NodeJS.Signals): void {
    this.#process.kill(signal);
  }

  /** As Ctrl-C does. */
  killGroup(signal: NodeJS.Signals): void {
    try {
      process.kill(-this.pid, signal);
    } catch {
      // It has ended.
    }
  }

  #hear(text: string): void {
    this.output = (this.output + text).slice(-MAX_OUTPUT_CHARACTERS);
    for (const [, name] of text.matchAll(/^[✓✗!?-] (\S+) {2}/gm)) this.#said.set(name!, performance.now());
  }
}

export type Environment = Readonly<Record<string, string>>;
