/**
 * Turns of the labs that share a cache: so many of their scenarios are at work at the same time, in the order in which
 * they came. Without, twenty labs at once take the processors from each other until their deadlines pass.
 */
import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { processStartTime } from '../machine/process-identity.ts';
import { cacheFolder } from '../project.ts';

export interface TurnOptions {
  /** Scenarios that may be at work at the same time, those of all labs together. */
  places: number;
  signal: AbortSignal;
  /** Told once, with the process numbers of the labs that are before it, when it is not its turn yet. */
  onWait?: (labs: readonly number[]) => void;
  /** Where the tickets lie. */
  folder?: string;
  /** It waits no longer than this. */
  patienceMs?: number;
}

const LOOK_MS = 100;
/** A lab that stands still (Ctrl-Z, a debugger) keeps its turn, and holds up others no longer than this. */
export const PATIENCE_MS = 15 * 60_000;

export function turnsFolder(): string {
  return join(cacheFolder(), 'turns');
}

/** What the processors of this host bear, and a lab that was told to do more at once (`--jobs`) is not held up. */
export function places(jobs: number): number {
  return Math.max(availableParallelism(), jobs);
}

/** From when it came until it is disposed of: a file named by when its owner came, and who that is. */
export class Turn implements Disposable {
  readonly #ticket: string;
  /** Until it was its turn; 0: at once. */
  readonly waitedMs: number;

  private constructor(ticket: string, waitedMs: number) {
    this.#ticket = ticket;
    this.waitedMs = waitedMs;
  }

  /** Rejects with the signal's reason. */
  static async come({
    places,
    signal,
    onWait,
    folder = turnsFolder(),
    patienceMs = PATIENCE_MS,
  }: TurnOptions): Promise<Turn> {
    signal.throwIfAborted();
    const began = performance.now();
    const ticket = draw(folder);
    for (let look = 0; ; look++) {
      const before = livingTickets(folder).filter((other) => other < ticket);
      const waitedMs = Math.round(performance.now() - began);
      if (before.length < places || waitedMs > patienceMs)
        return new Turn(join(folder, ticket), look === 0 ? 0 : waitedMs);
      if (look === 0) onWait?.([...new Set(before.map(ownerOf))]);
      await delay(LOOK_MS, undefined, { signal }).catch(() => {
        remove(join(folder, ticket));
        throw signal.reason;
      });
    }
  }

  [Symbol.dispose](): void {
    remove(this.#ticket);
  }
}

/** The monotonic clock is one for all processes of a host, and nobody sets it. */
function draw(folder: string): string {
  const cameNs = process.hrtime.bigint().toString().padStart(20, '0');
  const name = `${cameNs}-${process.pid}-${processStartTime(process.pid)}`;
  try {
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, name), '');
  } catch {
    // Where nothing can be written, the first part that has to write says so better: it goes on without.
  }
  return name;
}

/** Those of dead labs are removed. */
function livingTickets(folder: string): string[] {
  return listed(folder).filter((name) => {
    const [, pid, startTime] = name.split('-');
    if (processStartTime(Number(pid)) === startTime) return true;
    remove(join(folder, name));
    return false;
  });
}

const ownerOf = (ticket: string): number => Number(ticket.split('-')[1]);

function listed(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

function remove(path: string): void {
  try {
    rmSync(path, { force: true });
  } catch {
    // Where nothing can be removed nothing could be written, or it is another user's, whose labs will.
  }
}
