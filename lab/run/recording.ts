/** One scenario's trace on its way from the recorder to the run folder, while the scenario runs. */
import type { AgentChannel } from '../guest/agent-channel.ts';
import type { RingRest } from '../crash/ring-memory.ts';
import type { RingPlace, TraceEnd, TraceStream } from '../guest/trace-stream.ts';
import { CtfWriter, type TraceSummary } from '../trace/ctf-writer.ts';
import { TraceClock } from './trace-clock.ts';
import { renderTraceParameters, type TraceParameters } from './trace-parameters.ts';

export interface RecordingEnd extends TraceSummary {
  reason: TraceEnd['reason'];
}

/** What a crashed guest's ring still held: see lab/crash/ring-memory.ts. */
export type CrashRest = Pick<RingRest, 'records' | 'discarded'>;

export class Recording implements AsyncDisposable {
  /** Best when the trace has ended. */
  readonly clock: TraceClock;
  readonly #agent: AgentChannel;
  readonly #stream: TraceStream;
  #rest: CrashRest | undefined;
  /** Of trace_stop, in ns since trace_start. */
  #stopTime: number | undefined;
  readonly #written: Promise<RecordingEnd>;
  #isOver = false;

  static async start(agent: AgentChannel, folder: string, parameters: TraceParameters): Promise<Recording> {
    const askedNs = process.hrtime.bigint();
    const stream = await agent.startTrace(renderTraceParameters(parameters));
    const clock = new TraceClock(askedNs, process.hrtime.bigint());
    const writer = await CtfWriter.create(folder, BigInt(Date.now()) * 1_000_000n);
    return new Recording(agent, stream, writer, clock);
  }

  private constructor(agent: AgentChannel, stream: TraceStream, writer: CtfWriter, clock: TraceClock) {
    this.clock = clock;
    this.#agent = agent;
    this.#stream = stream;
    this.#written = this.#write(writer).finally(() => (this.#isOver = true));
    this.#written.catch(() => undefined);
  }

  /** The driver host died, or the recorder refuses to be read: the trace has ended by itself. */
  get hasEnded(): boolean {
    return this.#isOver;
  }

  /** Ends the trace and waits until all of it is in the folder. */
  async stop(): Promise<RecordingEnd> {
    if (this.#isOver) return await this.#written;
    const askedNs = process.hrtime.bigint();
    try {
      await this.#agent.stopTrace();
    } catch (error) {
      // The recorder may be gone: then the agent has ended the trace, or is about to.
      const ended = await Promise.race([this.#written.then(() => true), after(STOP_GRACE_MS)]);
      if (!ended) throw error;
      return await this.#written;
    }
    const end = await this.#written;
    if (this.#stopTime !== undefined) this.clock.followed(this.#stopTime, askedNs);
    return end;
  }

  /** Where the records come from in the guest's memory, if they can be read there. */
  get ring(): RingPlace | undefined {
    return this.#stream.ring;
  }

  /** Waits until what a guest has sent that stands still now has arrived. Gives the bytes of records. */
  async settled(): Promise<number> {
    let before = -1n;
    while (before !== this.#stream.receivedBytes) {
      before = this.#stream.receivedBytes;
      await after(QUIET_MS);
    }
    return Number(before);
  }

  /** Ends the trace of a guest that has crashed, with what its ring still held, if that could be read. */
  async endWithCrash(rest: CrashRest | undefined): Promise<RecordingEnd> {
    this.#rest = rest;
    const { receivedBytes } = this.#stream;
    this.#stream.finish({ reason: 'guest crashed', discarded: rest?.discarded ?? 0, bytes: receivedBytes });
    return await this.#written;
  }

  async #write(writer: CtfWriter): Promise<RecordingEnd> {
    await using file = writer;
    for await (const block of this.#stream) {
      const arrivedNs = process.hrtime.bigint();
      const last = (await file.append(Buffer.from(block))).at(-1);
      if (last) this.clock.preceded(last.time, arrivedNs);
      if (last?.event === 'trace_stop') this.#stopTime = last.time;
    }
    const end = await this.#stream.ended;
    if (this.#rest) await file.append(this.#rest.records);
    return { ...(await file.finish(end.discarded)), reason: end.reason };
  }

  /** Lets go of the stream; what has come so far is in the folder. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#isOver) return;
    await this.stop().catch(() => undefined);
  }
}

const STOP_GRACE_MS = 5_000;
/** What a guest that stands still had sent is in this host's sockets: it is read in less. */
const QUIET_MS = 100;

async function after(ms: number): Promise<false> {
  return await new Promise((resolve) => setTimeout(() => resolve(false), ms).unref());
}
