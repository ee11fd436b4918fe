/** The host's side of the agent's protocol, over the machine's agent channel. */
import { randomBytes } from 'node:crypto';
import type { Duplex } from 'node:stream';
import { LabError } from '../errors.ts';
import { within } from '../machine/deadline.ts';
import { encodeFrame, FRAME, FrameDecoder, type Frame } from './agent-frame.ts';
import { TraceStream, type RingPlace, type TraceEnd } from './trace-stream.ts';

export const PROTOCOL_VERSION = 2;

export interface AgentHello {
  protocolVersion: number;
  /** The agent's process id in the guest. */
  pid: number;
}

interface PendingRequest {
  resolve: (frame: Frame) => void;
  reject: (error: LabError) => void;
}

const TRACE_END_REASONS = ['stopped', 'driver host died', 'read failed'] as const;
const MAX_LOG_CHARACTERS = 64 * 1024;
/** What is sent before the agent listens may be lost (a serial port's FIFO), so the greeting is repeated. */
const HELLO_INTERVAL_MS = 1_000;

/** On the host's monotonic clock. */
export interface Silence {
  fromNs: bigint;
  toNs: bigint;
}

/** A guest that is asked for a sign of life twice a second when it is silent (heartbeat.ts) gives one in less. */
export const SILENCE_MS = 1_500;

export class AgentChannel {
  /** Settles with words when the channel can no longer be used. Never rejects. */
  readonly closed: Promise<string>;
  readonly #stream: Duplex;
  readonly #decoder = new FrameDecoder();
  readonly #pending = new Map<number, PendingRequest>();
  #nextRequest = 1;
  #trace: { request: number; stream: TraceStream } | undefined;
  #closedBecause: string | undefined;
  #log = '';
  /** When something last came, on the host's monotonic clock. */
  #heardNs = process.hrtime.bigint();
  readonly #silenceMs: number;
  readonly #silences: Silence[] = [];

  constructor(stream: Duplex, silenceMs = SILENCE_MS) {
    this.#stream = stream;
    this.#silenceMs = silenceMs;
    let close: (reason: string) => void;
    this.closed = new Promise((resolve) => (close = resolve));
    const end = (reason: string) => {
      if (this.#closedBecause !== undefined) return;
      this.#closedBecause = reason;
      for (const { reject } of this.#pending.values()) reject(this.#closedError('a request'));
      this.#pending.clear();
      this.#trace?.stream.fail(this.#closedError('the trace'));
      close(reason);
    };
    stream.on('data', (chunk: Buffer) => {
      this.#hear();
      try {
        for (const frame of this.#decoder.push(chunk)) this.#receive(frame);
      } catch (error) {
        end(`the guest sent what is not the agent's protocol: ${(error as Error).message}`);
        stream.destroy();
      }
    });
    stream.once('end', () => end('the machine closed it'));
    stream.once('close', () => end('the machine closed it'));
    stream.on('error', (error) => end(error.message));
  }

  /** What the agent logged last: for people, bounded, untrusted. */
  get log(): string {
    return this.#log;
  }

  /** How long nothing has come from the guest. What this side does not take does not count. */
  get silentMs(): number {
    const now = process.hrtime.bigint();
    if (this.#stream.isPaused()) this.#heardNs = now;
    return Number(now - this.#heardNs) / 1e6;
  }

  /** When nothing came for longer than a guest that runs is silent: it was stopped, or the host had no time for it. */
  get silences(): readonly Silence[] {
    return this.#silences;
  }

  #hear(): void {
    const now = process.hrtime.bigint();
    if (Number(now - this.#heardNs) / 1e6 > this.#silenceMs)
      this.#silences.push({ fromNs: this.#heardNs, toNs: now });
    this.#heardNs = now;
  }

  /** Bytes and losses of place on the way; more than 0 after the first HELLO means a noisy channel. */
  get skipped(): { bytes: number; resyncs: number } {
    return { bytes: this.#decoder.skippedBytes, resyncs: this.#decoder.resyncs };
  }

  /**
   * Greets the agent with a nonce that only this greeting carries: an answer with another one is a stale guest's.
   * Repeats the greeting until the deadline, as the agent may not run yet. Rejects with LAB_AGENT_TIMEOUT or
   * LAB_AGENT_STALE.
   */
  async hello(timeoutMs: number): Promise<AgentHello> {
    const nonce = randomBytes(16);
    const requests: number[] = [];
    const greet = () => requests.push(this.#post(FRAME.HELLO, nonce, answer));
    let answer: PendingRequest;
    const reply = new Promise<Frame>((resolve, reject) => (answer = { resolve, reject }));
    greet();
    const repeat = setInterval(greet, HELLO_INTERVAL_MS);
    try {
      const frame = await within(reply, {
        code: 'LAB_AGENT_TIMEOUT',
        blame: 'guest',
        message: "the guest's agent did not answer the greeting",
        timeoutMs,
        seen: () => `${this.#decoder.skippedBytes} bytes of something else came`,
        next: "see the guest's console.log",
      });
      return readHello(frame, nonce);
    } finally {
      clearInterval(repeat);
      for (const request of requests) this.#pending.delete(request);
    }
  }

  /** Sets the guest's clock. `unixMs` as of Date.now(). */
  async setClock(unixMs: number, timeoutMs = 10_000): Promise<void> {
    const payload = Buffer.alloc(8);
    payload.writeBigUInt64LE(BigInt(Math.round(unixMs * 1000)) * 10n);
    await this.request('set clock', FRAME.SET_CLOCK, payload, timeoutMs);
  }

  /** Makes the guest's random numbers others than those of every guest with the same past. */
  async reseed(timeoutMs = 10_000): Promise<void> {
    await this.request('reseed', FRAME.RESEED, randomBytes(64), timeoutMs);
  }

  /** Answers as long as the guest schedules its processes. */
  async health(timeoutMs: number): Promise<void> {
    await this.request('health', FRAME.HEALTH, Buffer.alloc(0), timeoutMs);
  }

  /** Starts the recorder. `parameters` is struct WSKTR_START. The stream must be read, or the channel stops. */
  async startTrace(parameters: Uint8Array, timeoutMs = 10_000): Promise<TraceStream> {
    if (this.#trace) throw new Error('a trace runs already');
    const stream = new TraceStream({
      pause: () => this.#stream.pause(),
      resume: () => this.#stream.resume(),
    });
    const request = this.#nextRequest;
    this.#trace = { request, stream };
    try {
      const payload = Buffer.from(parameters);
      const { payload: place } = await this.request('trace start', FRAME.TRACE_START, payload, timeoutMs);
      stream.ring = readRingPlace(place);
      return stream;
    } catch (error) {
      this.#trace = undefined;
      throw error;
    }
  }

  /** Asks for the trace's end; the stream's `ended` tells when all has come. */
  async stopTrace(timeoutMs = 10_000): Promise<void> {
    await this.request('trace stop', FRAME.TRACE_STOP, Buffer.alloc(0), timeoutMs);
  }

  /** Asks and waits for the answer; `name` is for people. Rejects with an AgentRefusal or LAB_AGENT_TIMEOUT. */
  async request(name: string, type: number, payload: Buffer, timeoutMs: number): Promise<Frame> {
    let request = 0;
    const answer = new Promise<Frame>((resolve, reject) => {
      request = this.#post(type, payload, { resolve, reject });
    });
    try {
      const frame = await within(answer, {
        code: 'LAB_AGENT_TIMEOUT',
        blame: 'guest',
        message: `the guest's agent did not answer '${name}'`,
        timeoutMs,
        next: 'the guest may hang: see console.log',
      });
      if (frame.type === FRAME.ERROR) throw refused(name, frame.payload);
      return frame;
    } finally {
      this.#pending.delete(request);
    }
  }

  #post(type: number, payload: Buffer, pending: PendingRequest): number {
    const request = this.#nextRequest++;
    if (this.#closedBecause === undefined) {
      this.#pending.set(request, pending);
      this.#stream.write(encodeFrame({ type, request, payload }));
    } else {
      pending.reject(this.#closedError('a request'));
    }
    return request;
  }

  #receive(frame: Frame): void {
    const trace = this.#trace?.request === frame.request ? this.#trace.stream : undefined;
    if (frame.type === FRAME.LOG) {
      this.#log = (this.#log + frame.payload.toString('utf8')).slice(-MAX_LOG_CHARACTERS);
    } else if (frame.type === FRAME.TRACE_DATA) {
      trace?.deliver(frame.payload);
    } else if (frame.type === FRAME.TRACE_END) {
      if (!trace || frame.payload.length < 16) return;
      this.#trace = undefined;
      trace.finish(readTraceEnd(frame.payload));
    } else {
      this.#pending.get(frame.request)?.resolve(frame);
    }
  }

  #closedError(what: string): LabError {
    return new LabError({
      code: 'LAB_AGENT_CLOSED',
      blame: 'guest',
      message: `the agent's channel closed before the end of ${what}: ${this.#closedBecause}`,
      next: "see the guest's console.log and qemu.log",
    });
  }
}

function readHello(frame: Frame, nonce: Buffer): AgentHello {
  const { type, payload } = frame;
  if (type !== FRAME.HELLO_REPLY || payload.length < 24 || !payload.subarray(0, 16).equals(nonce))
    throw new LabError({
      code: 'LAB_AGENT_STALE',
      blame: 'lab',
      message: `the agent answered the greeting without its nonce (frame type ${type}, ${payload.length} bytes)`,
      next: 'another guest answers on this channel; start a new one',
    });
  const hello = { protocolVersion: payload.readUInt32LE(16), pid: payload.readUInt32LE(20) };
  if (hello.protocolVersion !== PROTOCOL_VERSION)
    throw new LabError({
      code: 'LAB_AGENT_VERSION',
      blame: 'lab',
      message: `the guest's agent speaks protocol ${hello.protocolVersion}, the lab ${PROTOCOL_VERSION}`,
      next: 'build the image again',
    });
  return hello;
}

/** Undefined where the ring has no physical address: the reference guest's is a section of a process. */
function readRingPlace(payload: Buffer): RingPlace | undefined {
  if (payload.length < 12 || payload.readBigUInt64LE(0) === 0n) return undefined;
  return { address: payload.readBigUInt64LE(0), bytes: payload.readUInt32LE(8) };
}

function readTraceEnd(payload: Buffer): TraceEnd {
  return {
    reason: TRACE_END_REASONS[payload.readUInt32LE(0)] ?? 'unknown',
    discarded: payload.readUInt32LE(4),
    bytes: payload.readBigUInt64LE(8),
  };
}

/** The agent could not do what it was asked for. */
export class AgentRefusal extends LabError {
  readonly win32Code: number;

  constructor(name: string, win32Code: number, text: string) {
    super({
      code: 'LAB_AGENT_REFUSED',
      blame: 'guest',
      message: `the guest's agent refused '${name}': ${text || 'no reason given'} (Win32 error ${win32Code})`,
    });
    this.win32Code = win32Code;
  }
}

function refused(name: string, payload: Buffer): AgentRefusal {
  const win32 = payload.length >= 4 ? payload.readUInt32LE(0) : 0;
  const text = payload
    .subarray(4, 1024)
    .toString('utf8')
    .replace(/[^\x20-\x7e]/g, ' ')
    .trim();
  return new AgentRefusal(name, win32, text);
}
