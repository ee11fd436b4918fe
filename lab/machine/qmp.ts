/**
 * Client of QEMU's machine protocol (QMP) over a connected stream: greeting, capabilities, requests with ids, events.
 * Integers beyond 2^53 (guest addresses, clocks) arrive as bigint and may be sent as bigint.
 */
import { EventEmitter } from 'node:events';
import type { Duplex } from 'node:stream';
import { parse, stringify } from 'lossless-json';
import { LabError } from '../errors.ts';
import { within } from './deadline.ts';

export interface QmpEvent {
  /** Upper snake case, as in QEMU's reference: 'SHUTDOWN', 'GUEST_PANICKED'. */
  name: string;
  data: Record<string, unknown>;
  /** Host time, microseconds since 1970. */
  timestampUs: number;
}

interface PendingRequest {
  resolve: (value: unknown) => void;
  reject: (reason: LabError) => void;
}

/** What QEMU sends: a greeting, an event, or an answer. */
interface QmpMessage {
  QMP?: { version: { qemu: { major: number; minor: number; micro: number } } };
  event?: string;
  data?: Record<string, unknown>;
  timestamp?: { seconds: number; microseconds: number };
  id?: string;
  return?: unknown;
  error?: { class: string; desc: string };
}

/** Longest line accepted. QEMU's own limit for a JSON message is 64 MiB; no answer that we ask for comes near. */
const MAX_LINE_BYTES = 4 * 1024 * 1024;

export class QmpClient extends EventEmitter<{ event: [QmpEvent] }> {
  /** QEMU's version as in its greeting: '7.2.22'. */
  version = '';
  /** Settles when QEMU has closed the stream, or sent what is not QMP. Never rejects. */
  readonly closed: Promise<void>;
  readonly #stream: Duplex;
  readonly #pending = new Map<string, PendingRequest>();
  readonly #greeting: Promise<string>;
  #nextId = 1;
  #buffered = '';
  #closedBecause: string | undefined;
  #heardAtMs = performance.now();

  private constructor(stream: Duplex) {
    super();
    this.#stream = stream;
    let greet: (version: string) => void;
    this.#greeting = new Promise((resolve) => (greet = resolve));
    let close: () => void;
    this.closed = new Promise((resolve) => (close = resolve));
    const end = (reason: string) => {
      this.#fail(reason);
      close();
    };
    stream.setEncoding('utf8');
    stream.on('data', (text: string) => {
      this.#heardAtMs = performance.now();
      try {
        for (const line of this.#lines(text)) this.#receive(line, greet);
      } catch (error) {
        stream.destroy();
        end(`QEMU sent what is not QMP: ${(error as Error).message}`);
      }
    });
    stream.resume(); // which may have been paused until somebody listened
    stream.once('close', () => end('QEMU closed the connection'));
    stream.once('end', () => end('QEMU closed the connection'));
    stream.on('error', (error) => end(`the connection to QEMU broke: ${error.message}`));
  }

  /** How long nothing has come from QEMU. */
  get silentMs(): number {
    return performance.now() - this.#heardAtMs;
  }

  /** Waits for the greeting and leaves negotiation mode. */
  static async open(stream: Duplex, timeoutMs = 10_000): Promise<QmpClient> {
    const client = new QmpClient(stream);
    const closed = client.closed.then(() => {
      throw client.#gone('qmp_capabilities');
    });
    client.version = await within(Promise.race([client.#greeting, closed]), {
      code: 'LAB_QMP_TIMEOUT',
      blame: 'host',
      message: 'QEMU did not send its QMP greeting',
      timeoutMs,
    });
    await client.execute('qmp_capabilities', {}, timeoutMs);
    return client;
  }

  /** Sends a command and gives what QEMU returns. Rejects with LAB_QMP_ERROR, LAB_QMP_TIMEOUT or LAB_QMP_CLOSED. */
  async execute<T = unknown>(
    command: string,
    args: Record<string, unknown> = {},
    timeoutMs = 10_000,
  ): Promise<T> {
    if (this.#closedBecause !== undefined) throw this.#gone(command);
    const id = `${this.#nextId++}`;
    const answer = new Promise<unknown>((resolve, reject) => this.#pending.set(id, { resolve, reject }));
    this.#stream.write(`${stringify({ execute: command, arguments: args, id })}\n`);
    try {
      return (await within(answer, {
        code: 'LAB_QMP_TIMEOUT',
        blame: 'host',
        message: `QEMU did not answer the QMP command '${command}'`,
        timeoutMs,
      })) as T;
    } finally {
      this.#pending.delete(id);
    }
  }

  /** Runs a command of the human monitor, for the little that QMP lacks (`info usernet`, `hostfwd_add`). */
  async monitor(commandLine: string, timeoutMs = 10_000): Promise<string> {
    return await this.execute<string>('human-monitor-command', { 'command-line': commandLine }, timeoutMs);
  }

  close(): void {
    this.#stream.destroy();
  }

  *#lines(text: string): Generator<string> {
    this.#buffered += text;
    for (let end = this.#buffered.indexOf('\n'); end >= 0; end = this.#buffered.indexOf('\n')) {
      const line = this.#buffered.slice(0, end).trim();
      this.#buffered = this.#buffered.slice(end + 1);
      if (line !== '') yield line;
    }
    if (this.#buffered.length > MAX_LINE_BYTES)
      throw new Error(`a line of more than ${MAX_LINE_BYTES} bytes`);
  }

  #receive(line: string, greet: (version: string) => void): void {
    const message = parse(line, null, parseInteger) as QmpMessage;
    if (message.QMP) {
      const { major, minor, micro } = message.QMP.version.qemu;
      greet(`${major}.${minor}.${micro}`);
    } else if (message.event !== undefined) {
      const { seconds, microseconds } = message.timestamp ?? { seconds: 0, microseconds: 0 };
      this.emit('event', {
        name: message.event,
        data: message.data ?? {},
        timestampUs: seconds * 1e6 + microseconds,
      });
    } else {
      const request = this.#pending.get(message.id ?? '');
      // An answer that came after its deadline has nobody waiting for it.
      if (!request) return;
      if (message.error) request.reject(refusal(message.error));
      else request.resolve(message.return);
    }
  }

  #fail(reason: string): void {
    this.#closedBecause ??= reason;
    for (const { reject } of this.#pending.values()) reject(this.#gone('a command under way'));
    this.#pending.clear();
  }

  #gone(command: string): LabError {
    return new LabError({
      code: 'LAB_QMP_CLOSED',
      blame: 'host',
      message: `QMP command '${command}' got no answer: ${this.#closedBecause}`,
      next: "see QEMU's own words in qemu.log",
    });
  }
}

function refusal(error: { class: string; desc: string }): LabError {
  return new LabError({
    code: 'LAB_QMP_ERROR',
    blame: 'host',
    message: `QEMU refused: ${error.desc} (${error.class})`,
  });
}

function parseInteger(text: string): number | bigint {
  const number = Number(text);
  return Number.isInteger(number) && !Number.isSafeInteger(number) && /^-?\d+$/.test(text)
    ? BigInt(text)
    : number;
}
