/** One scenario's trace on its way from the recorder to the run folder, while the scenario runs. */
import type { AgentChannel } from '../guest/agent-channel.ts';
import type { TraceEnd, TraceStream } from '../guest/trace-stream.ts';
import { CtfWriter, type TraceSummary } from '../trace/ctf-writer.ts';
import { renderTraceParameters, type TraceParameters } from './trace-parameters.ts';

export interface RecordingEnd extends TraceSummary {
  reason: TraceEnd['reason'];
}

/** Where trace_start lies on the host's CLOCK_MONOTONIC, and how far off that may be. */
export interface TraceClock {
  startNs: bigint;
  errorNs: number;
}

export class Recording implements AsyncDisposable {
  readonly clock: TraceClock;
  readonly #agent: AgentChannel;
  readonly #written: Promise<RecordingEnd>;
  #isOver = false;

  static async start(agent: AgentChannel, folder: string, parameters: TraceParameters): Promise<Recording> {
    const sent = process.hrtime.bigint();
    const stream = await agent.startTrace(renderTraceParameters(parameters));
    const answered = process.hrtime.bigint();
    const clock = { startNs: (sent + answered) / 2n, errorNs: Number(answered - sent) / 2 };
    const writer = await CtfWriter.create(folder, BigInt(Date.now()) * 1_000_000n);
    return new Recording(agent, stream, writer, clock);
  }

  private constructor(agent: AgentChannel, stream: TraceStream, writer: CtfWriter, clock: TraceClock) {
    this.clock = clock;
    this.#agent = agent;
    this.#written = write(stream, writer).finally(() => (this.#isOver = true));
    this.#written.catch(() => undefined);
  }

  /** The driver host died, or the recorder refuses to be read: the trace has ended by itself. */
  get hasEnded(): boolean {
    return this.#isOver;
  }

  /** Ends the trace and waits until all of it is in the folder. */
  async stop(): Promise<RecordingEnd> {
    if (!this.#isOver) {
      await this.#agent.stopTrace().catch(async (error: unknown) => {
        // The recorder may be gone: then the agent has ended the trace, or is about to.
        const ended = await Promise.race([this.#written.then(() => true), after(STOP_GRACE_MS)]);
        if (!ended) throw error;
      });
    }
    return await this.#written;
  }

  /** Lets go of the stream; what has come so far is in the folder. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#isOver) return;
    await this.stop().catch(() => undefined);
  }
}

const STOP_GRACE_MS = 5_000;

async function after(ms: number): Promise<false> {
  return await new Promise((resolve) => setTimeout(() => resolve(false), ms).unref());
}

async function write(stream: TraceStream, writer: CtfWriter): Promise<RecordingEnd> {
  await using file = writer;
  for await (const block of stream) await file.append(Buffer.from(block));
  const end = await stream.ended;
  return { ...(await file.finish(end.discarded)), reason: end.reason };
}
