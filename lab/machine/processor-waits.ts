/** When a machine's threads wanted a processor of the host and had none. */
import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';

/** On the host's monotonic clock. */
export interface ProcessorWait {
  fromNs: bigint;
  toNs: bigint;
}

/** Time without the waits. */
export interface OwnTime {
  hasReached: (ms: number) => boolean;
  /** Settles when so much of it has passed since its beginning. Rejects with the signal's reason. */
  reach: (ms: number, signal?: AbortSignal) => Promise<void>;
}

const PERIOD_MS = 250;
/** What is less is a host's ordinary business. */
const MIN_PART = 0.1;

/**
 * How long a process's threads waited, from look to look. From /proc/PID/task/TID/schedstat (Linux, sched-stats: the second
 * number is the time spent runnable without a processor, in ns); where the kernel does not tell, they never do.
 */
export class ThreadWaits {
  readonly #pid: number;
  #waited: Map<string, bigint>;

  constructor(pid: number) {
    this.#pid = pid;
    this.#waited = this.#read();
  }

  /** Of the thread that waited longest since the last look. */
  longestNs(): bigint {
    const waited = this.#read();
    let longestNs = 0n;
    for (const [thread, ns] of waited) {
      const moreNs = ns - (this.#waited.get(thread) ?? ns);
      if (moreNs > longestNs) longestNs = moreNs;
    }
    this.#waited = waited;
    return longestNs;
  }

  /** By thread; what has ended has nothing to tell. */
  #read(): Map<string, bigint> {
    const waited = new Map<string, bigint>();
    try {
      const tasks = `/proc/${this.#pid}/task`;
      for (const thread of readdirSync(tasks))
        waited.set(thread, BigInt(readFileSync(`${tasks}/${thread}/schedstat`, 'latin1').split(' ')[1]!));
    } catch {
      // The process has ended, or a thread of it just now.
    }
    return waited;
  }
}

/** Looks at a process's threads four times a second, until disposed. A wait stands at the end of its period. */
export class ProcessorWaits implements Disposable {
  readonly #threads: ThreadWaits;
  readonly #waits: ProcessorWait[] = [];
  readonly #timer: NodeJS.Timeout;
  #lookedNs: bigint;

  constructor(pid: number, periodMs = PERIOD_MS) {
    this.#threads = new ThreadWaits(pid);
    this.#lookedNs = process.hrtime.bigint();
    this.#timer = setInterval(() => this.#look(), periodMs).unref();
  }

  get waits(): readonly ProcessorWait[] {
    return this.#waits;
  }

  /** Begins to measure the process's own time. */
  ownTime(): OwnTime {
    const began = performance.now();
    const before = this.#totalMs;
    const ownMs = () => performance.now() - began - (this.#totalMs - before);
    return {
      hasReached: (ms) => ownMs() >= ms,
      reach: async (ms, signal) => {
        for (let leftMs; (leftMs = ms - ownMs()) > 0;) await delay(leftMs, undefined, { signal });
      },
    };
  }

  get #totalMs(): number {
    return this.#waits.reduce((sum, { fromNs, toNs }) => sum + Number(toNs - fromNs) / 1e6, 0);
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
  }

  #look(): void {
    let longestNs = this.#threads.longestNs();
    const toNs = process.hrtime.bigint();
    const periodNs = toNs - this.#lookedNs;
    if (longestNs > periodNs) longestNs = periodNs;
    if (Number(longestNs) > MIN_PART * Number(periodNs)) this.#waits.push({ fromNs: toNs - longestNs, toNs });
    this.#lookedNs = toNs;
  }
}
