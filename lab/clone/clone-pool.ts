/**
 * Clones ahead of need: some restored and paused, behind them some whose QEMU waits for its state. Each is handed out
 * once. A clone that fails is replaced; when one request has seen three fail, guests are booted from then on.
 */
import type { BootedGuest } from '../guest/guest.ts';
import type { UnchangedFiles } from '../image/unchanged-files.ts';
import { removeStaleMachines } from '../machine/machine-folder.ts';
import { WaitingClone, type Exercise, type PausedClone } from './clone.ts';
import type { PoolSize } from './pool-size.ts';
import type { Template } from './template.ts';

export interface ClonePoolOptions {
  template: Template;
  size: PoolSize;
  /** How many will be taken at most, if that is known: no more are made ahead. */
  expected?: number;
  /**
   * The folder for console.log, qemu.log and wire.pcap of the machine with that number, 1 for the first. It goes with a
   * clone that is never used.
   */
  evidence: (ordinal: number) => string;
  /** What each clone does once, ahead of need, so that it is quick when it is needed. */
  exercise?: Exercise;
  /** A guest as ready as a clone, for when clones fail. */
  boot: (ordinal: number) => Promise<Pick<TakenGuest, 'guest' | 'files'>>;
  onWarning?: (message: string) => void;
  signal?: AbortSignal;
}

export interface TakenGuest {
  guest: BootedGuest;
  /** What it runs on. */
  files: UnchangedFiles;
  origin: 'clone' | 'boot';
  /** The machine's number, as in `evidence`. */
  ordinal: number;
  /** From the request until the guest had answered. */
  readyMs: number;
}

const ATTEMPTS = 3;

interface Numbered<T> {
  ordinal: number;
  clone: Promise<T>;
}

export class ClonePool implements AsyncDisposable {
  readonly #options: ClonePoolOptions;
  readonly #paused: Numbered<PausedClone>[] = [];
  readonly #waiting: Numbered<WaitingClone>[] = [];
  #machines = 0;
  #taken = 0;
  #refilling: Promise<void> | undefined;
  #hasGivenUp = false;
  #closed = false;

  private constructor(options: ClonePoolOptions) {
    this.#options = options;
  }

  /** Removes what dead labs left, and begins to fill the pool. */
  static async open(options: ClonePoolOptions): Promise<ClonePool> {
    for (const { folder, killed } of await removeStaleMachines())
      options.onWarning?.(`removed what a dead lab left: ${[folder, ...killed].join(', ')}`);
    const pool = new ClonePool(options);
    pool.#refill();
    return pool;
  }

  /** A guest that nobody has used. The caller disposes of it. Rejects as `boot` does, or with the signal's reason. */
  async take(): Promise<TakenGuest> {
    const began = performance.now();
    this.#taken += 1;
    for (let attempt = 1; attempt <= ATTEMPTS && !this.#hasGivenUp; attempt++) {
      this.#options.signal?.throwIfAborted();
      const { ordinal, clone } = this.#next();
      try {
        const paused = await clone;
        const guest = await paused.run();
        this.#refill();
        const readyMs = performance.now() - began;
        return { guest, files: paused.files, origin: 'clone', ordinal, readyMs };
      } catch (error) {
        this.#options.signal?.throwIfAborted();
        this.#options.onWarning?.(`clone ${ordinal} failed and is replaced: ${(error as Error).message}`);
      }
    }
    if (!this.#hasGivenUp)
      this.#options.onWarning?.(
        `${ATTEMPTS} clones failed one after the other: guests are booted from now on`,
      );
    this.#hasGivenUp = true;
    const ordinal = ++this.#machines;
    const booted = await this.#options.boot(ordinal);
    return { ...booted, origin: 'boot', ordinal, readyMs: performance.now() - began };
  }

  /** Settles when the pool is as full as it is to be. */
  async filled(): Promise<void> {
    await this.#refilling;
  }

  /** Ends all clones that were not handed out. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed = true;
    await this.#refilling;
    const clones: Numbered<AsyncDisposable>[] = [...this.#paused.splice(0), ...this.#waiting.splice(0)];
    const ends = clones.map(async ({ clone }) => {
      // One that failed has ended itself.
      const made = await clone.catch(() => undefined);
      await made?.[Symbol.asyncDispose]();
    });
    for (const end of await Promise.allSettled(ends)) if (end.status === 'rejected') throw end.reason;
  }

  /** The one that is nearest to running. */
  #next(): Numbered<PausedClone> {
    return this.#paused.shift() ?? this.#restored(this.#waiting.shift() ?? this.#started());
  }

  #started(): Numbered<WaitingClone> {
    const ordinal = ++this.#machines;
    return watched({
      ordinal,
      clone: WaitingClone.start(this.#options.template, this.#options.evidence(ordinal)),
    });
  }

  #restored({ ordinal, clone }: Numbered<WaitingClone>): Numbered<PausedClone> {
    return watched({ ordinal, clone: clone.then((waiting) => waiting.restore()) });
  }

  #warm({ ordinal, clone }: Numbered<PausedClone>): Numbered<PausedClone> {
    return watched({ ordinal, clone: clone.then((paused) => paused.warmUp(this.#options.exercise)) });
  }

  /** One after the other, so that what runs already keeps most of the processor. */
  #refill(): void {
    this.#refilling ??= this.#fill().finally(() => (this.#refilling = undefined));
  }

  async #fill(): Promise<void> {
    const { size, expected = Infinity } = this.#options;
    while (!this.#closed && !this.#hasGivenUp) {
      if (this.#taken + this.#paused.length + this.#waiting.length >= expected) return;
      let made: Numbered<unknown>;
      if (this.#paused.length < size.paused) {
        this.#paused.push((made = this.#warm(this.#restored(this.#waiting.shift() ?? this.#started()))));
      } else if (this.#waiting.length < size.waiting) {
        this.#waiting.push((made = this.#started()));
      } else {
        return;
      }
      // Whoever takes it sees the failure; trying on would only repeat it.
      if (
        await made.clone.then(
          () => false,
          () => true,
        )
      )
        return;
    }
  }
}

/** Its failure is for the one who takes it. */
function watched<T>(made: Numbered<T>): Numbered<T> {
  made.clone.catch(() => undefined);
  return made;
}
