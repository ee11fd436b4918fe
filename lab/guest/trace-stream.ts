/** The trace as it comes from the guest: blocks of whole records, in order, in bounded memory. */
import type { LabError } from '../errors.ts';

/** What the agent says when a trace is over. */
export interface TraceEnd {
  reason: 'stopped' | 'driver host died' | 'read failed' | 'guest crashed' | 'unknown';
  /** Records that the ring had no room for. */
  discarded: number;
  /** Bytes that the agent says it has sent. */
  bytes: bigint;
}

/** The recorder's ring in the guest's physical memory: it can be read from outside a guest that cannot go on. */
export interface RingPlace {
  address: bigint;
  bytes: number;
}

const PAUSE_AT_BYTES = 8 * 1024 * 1024;
const RESUME_AT_BYTES = 2 * 1024 * 1024;

export class TraceStream implements AsyncIterable<Uint8Array> {
  /** Settles with the agent's account when all blocks have come; rejects when the channel broke before. */
  readonly ended: Promise<TraceEnd>;
  /** Bytes received until now. */
  receivedBytes = 0n;
  /** Where the records come from; undefined: not to be read from outside. */
  ring: RingPlace | undefined;
  readonly #flow: { pause: () => void; resume: () => void };
  readonly #blocks: Uint8Array[] = [];
  #queuedBytes = 0;
  #paused = false;
  #settle!: { resolve: (end: TraceEnd) => void; reject: (error: LabError) => void };
  #over: { error?: LabError } | undefined;
  #wake: (() => void) | undefined;

  /** `flow` stops and restarts the channel while the consumer is behind. */
  constructor(flow: { pause: () => void; resume: () => void }) {
    this.#flow = flow;
    this.ended = new Promise((resolve, reject) => (this.#settle = { resolve, reject }));
    this.ended.catch(() => undefined);
  }

  /** Takes a block from the channel. */
  deliver(block: Uint8Array): void {
    this.receivedBytes += BigInt(block.length);
    this.#blocks.push(block);
    this.#queuedBytes += block.length;
    if (this.#queuedBytes >= PAUSE_AT_BYTES && !this.#paused) {
      this.#paused = true;
      this.#flow.pause();
    }
    this.#wake?.();
  }

  finish(end: TraceEnd): void {
    this.#over ??= {};
    this.#settle.resolve(end);
    this.#wake?.();
  }

  fail(error: LabError): void {
    this.#over ??= { error };
    this.#settle.reject(error);
    this.#wake?.();
  }

  /** One consumer. Throws, after the last block, when the channel broke. */
  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array, void, undefined> {
    for (;;) {
      const block = this.#blocks.shift();
      if (block) {
        this.#queuedBytes -= block.length;
        if (this.#paused && this.#queuedBytes <= RESUME_AT_BYTES) {
          this.#paused = false;
          this.#flow.resume();
        }
        yield block;
      } else if (this.#over) {
        if (this.#over.error) throw this.#over.error;
        return;
      } else {
        await new Promise<void>((resolve) => (this.#wake = resolve));
      }
    }
  }
}
