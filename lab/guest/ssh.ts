/** ssh to a guest over a given connection: pinned host key, key authentication, every step bounded in time. */
import type { Duplex, Readable, Writable } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import { Client, type ClientChannel, type SFTPWrapper } from 'ssh2';
import { LabError } from '../errors.ts';
import { within } from '../machine/deadline.ts';
import { SftpSession } from './sftp-session.ts';

export interface SshSettings {
  user: string;
  /** Text of the private key, OpenSSH format. */
  privateKey: string;
  /** The guest's only accepted host key, as in its .pub file: 'ssh-ed25519 AAAA...'. */
  hostKey: string;
}

export interface ExecOptions {
  timeoutMs?: number;
  /** Kept of each of stdout and stderr; what comes after is read and dropped. */
  maxOutputBytes?: number;
}

export interface ExecResult {
  stdout: string;
  stderr: string;
  /** Undefined when a signal ended the command. */
  exitCode: number | undefined;
  signal: string | undefined;
  /** Some output was dropped. */
  truncated: boolean;
}

/** Opens a stream to the guest's ssh port, or rejects, within the time. */
export type Dial = (timeoutMs: number) => Promise<Duplex>;

const DIAL_TIMEOUT_MS = 500;
const RETRY_PAUSE_MS = 100;
const HANDSHAKE_TIMEOUT_MS = 20_000;
const KEEPALIVE_MS = 5_000;
const KEEPALIVE_COUNT = 6;

/**
 * Connects, trying again until the deadline, as a guest that boots is not there yet. What another try cannot mend (a
 * wrong host key, a refused login) is not tried again. Rejects with LAB_SSH_TIMEOUT, LAB_SSH_HOST_KEY, LAB_SSH_AUTH.
 */
export async function connectSsh(
  settings: SshSettings,
  dial: Dial,
  timeoutMs: number,
  signal?: AbortSignal,
): Promise<SshConnection> {
  const deadline = performance.now() + timeoutMs;
  let last = 'nothing tried yet';
  for (;;) {
    signal?.throwIfAborted();
    const leftMs = deadline - performance.now();
    if (leftMs <= 0) throw sshTimeout(timeoutMs, last);
    try {
      const stream = await dial(Math.min(DIAL_TIMEOUT_MS, leftMs));
      return await handshake(
        settings,
        stream,
        Math.min(HANDSHAKE_TIMEOUT_MS, Math.max(1, deadline - performance.now())),
      );
    } catch (error) {
      if (error instanceof LabError && ['LAB_SSH_HOST_KEY', 'LAB_SSH_AUTH'].includes(error.code)) throw error;
      last = (error as Error).message;
    }
    await delay(RETRY_PAUSE_MS);
  }
}

function sshTimeout(timeoutMs: number, last: string): LabError {
  return new LabError({
    code: 'LAB_SSH_TIMEOUT',
    blame: 'guest',
    message: `no ssh connection to the guest within ${Math.round(timeoutMs)} ms (last try: ${last})`,
    next: "see the guest's console.log",
  });
}

/** One try over one stream, which is destroyed when it fails. */
async function handshake(settings: SshSettings, stream: Duplex, timeoutMs: number): Promise<SshConnection> {
  const client = new Client();
  const pinned = settings.hostKey.trim().split(/\s+/)[1] ?? '';
  let offered: string | undefined;
  const ready = new Promise<void>((resolve, reject) => {
    client.once('ready', resolve);
    client.once('close', () => reject(new Error('the connection closed during the ssh handshake')));
    client.on('error', (error: Error & { level?: string }) => {
      if (offered !== undefined && offered !== pinned) reject(hostKeyError(pinned, offered));
      else if (error.level === 'client-authentication') reject(authError(settings.user, error));
      else reject(error);
    });
  });
  try {
    client.connect({
      sock: stream,
      username: settings.user,
      privateKey: settings.privateKey,
      authHandler: ['publickey'],
      algorithms: { serverHostKey: ['ssh-ed25519'] },
      hostVerifier: (key: Buffer) => (offered = key.toString('base64')) === pinned,
      // The bound is ours below: the library's does not cover the time before the banner on a given stream.
      readyTimeout: 0,
      keepaliveInterval: KEEPALIVE_MS,
      keepaliveCountMax: KEEPALIVE_COUNT,
    });
    await within(ready, {
      code: 'LAB_SSH_HANDSHAKE',
      blame: 'guest',
      message: 'the ssh handshake was not done',
      timeoutMs,
    });
    return new SshConnection(client, stream);
  } catch (error) {
    client.on('error', () => undefined).destroy();
    stream.on('error', () => undefined).destroy();
    throw error;
  }
}

function hostKeyError(pinned: string, offered: string): LabError {
  return new LabError({
    code: 'LAB_SSH_HOST_KEY',
    blame: 'lab',
    message: `the guest showed another host key than its image has (ssh-ed25519 ${offered}, expected ${pinned})`,
    next: 'another machine answers on this connection, or the image was changed: build it again',
  });
}

function authError(user: string, cause: Error): LabError {
  return new LabError({
    code: 'LAB_SSH_AUTH',
    blame: 'guest',
    message: `the guest refused the login of '${user}' with the image's key: ${cause.message}`,
    next: 'build the image again',
    cause,
  });
}

export class SshConnection implements AsyncDisposable {
  /** Settles with words when the connection is gone. Never rejects. */
  readonly closed: Promise<string>;
  readonly #client: Client;
  readonly #stream: Duplex;
  #closedBecause: string | undefined;
  #sftp: Promise<SftpSession> | undefined;

  constructor(client: Client, stream: Duplex) {
    this.#client = client;
    this.#stream = stream;
    client.removeAllListeners('error').removeAllListeners('close');
    this.closed = new Promise((resolve) => {
      client.on('error', (error) => (this.#closedBecause ??= error.message));
      client.once('close', () => resolve((this.#closedBecause ??= 'the guest or its machine closed it')));
    });
  }

  /**
   * Runs a command in the guest's shell (Windows: cmd.exe /c). Any exit code is a result. Rejects with
   * LAB_EXEC_TIMEOUT, which ends the command's channel, or LAB_SSH_CLOSED.
   */
  async exec(command: string, options: ExecOptions = {}): Promise<ExecResult> {
    const { timeoutMs = 60_000, maxOutputBytes = 1024 * 1024 } = options;
    let channel: ClientChannel | undefined;
    const result = this.#open<ClientChannel, Promise<ExecResult>>(
      command,
      (done) => this.#client.exec(command, done),
      (opened) => collect((channel = opened), maxOutputBytes),
    );
    try {
      return await within(this.#orClosed(result, command), {
        code: 'LAB_EXEC_TIMEOUT',
        blame: 'guest',
        message: `the command '${command}' did not end in the guest`,
        timeoutMs,
        next: 'the guest may hang: see its console.log, or give the command more time',
      });
    } catch (error) {
      channel?.on('error', () => undefined).destroy();
      throw error;
    }
  }

  /** A person's shell on a pseudo terminal. Gives the exit code when it ends. */
  async shell(
    stdin: Readable,
    stdout: Writable,
    size: { rows: number; columns: number },
  ): Promise<number | undefined> {
    const window = { term: process.env['TERM'] ?? 'xterm', rows: size.rows, cols: size.columns };
    const ended = this.#open<ClientChannel, Promise<number | undefined>>(
      'shell',
      (done) => this.#client.shell(window, done),
      (channel) => join(channel, stdin, stdout),
    );
    return await this.#orClosed(ended, 'shell');
  }

  /** Does something with the SFTP session: one per connection, opened when first asked for. */
  async files<T>(what: string, use: (sftp: SftpSession) => Promise<T>): Promise<T> {
    this.#sftp ??= this.#open<SFTPWrapper, SftpSession>(
      'sftp',
      (done) => this.#client.sftp(done),
      (sftp) => new SftpSession(sftp),
    );
    return await this.#orClosed(this.#sftp.then(use), `sftp ${what}`);
  }

  /** `promise`, or LAB_SSH_CLOSED when the connection goes first; `what` was under way. */
  async #orClosed<T>(promise: Promise<T>, what: string): Promise<T> {
    promise.catch(() => undefined);
    const closed = this.closed.then((reason) => {
      throw closedError(what, reason);
    });
    closed.catch(() => undefined);
    return await Promise.race([promise, closed]);
  }

  /**
   * Opens a channel. `use` gets it in the same turn: the guest's whole answer may be in the packet that opens the
   * channel, and events without a listener are lost.
   */
  async #open<T, R>(
    what: string,
    start: (done: (error: Error | undefined, opened: T) => void) => unknown,
    use: (opened: T) => R,
  ): Promise<Awaited<R>> {
    if (this.#closedBecause !== undefined) throw closedError(what, this.#closedBecause);
    return await new Promise<R>((resolve, reject) => {
      try {
        start((error, opened) => (error ? reject(openError(what, error)) : resolve(use(opened))));
      } catch (error) {
        reject(openError(what, error as Error));
      }
    });
  }

  /** Says goodbye and waits until the guest has closed its side. Rejects with LAB_SSH_END when it does not. */
  async end(timeoutMs = 10_000): Promise<void> {
    this.#closedBecause ??= 'the lab ended it';
    this.#client.end();
    await within(this.closed, {
      code: 'LAB_SSH_END',
      blame: 'guest',
      message: 'the guest did not close the ssh connection that the lab had ended',
      timeoutMs,
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closedBecause ??= 'the lab closed it';
    // Not only client.end(): that waits for a guest which may be dead, and keeps its network namespace alive.
    this.#stream.destroy();
    await this.closed;
  }
}

async function collect(channel: ClientChannel, maxBytes: number): Promise<ExecResult> {
  const [stdout, stderr] = [
    new BoundedOutput(channel, maxBytes),
    new BoundedOutput(channel.stderr, maxBytes),
  ];
  let exitCode: number | undefined;
  let signal: string | undefined;
  channel.on('exit', (code: number | null, name?: string) => {
    exitCode = code ?? undefined;
    signal = name;
  });
  await new Promise<void>((resolve, reject) => channel.once('close', resolve).once('error', reject));
  return {
    stdout: stdout.text,
    stderr: stderr.text,
    exitCode,
    signal,
    truncated: stdout.full || stderr.full,
  };
}

async function join(channel: ClientChannel, stdin: Readable, stdout: Writable): Promise<number | undefined> {
  let exitCode: number | undefined;
  channel.on('exit', (code: number | null) => (exitCode = code ?? undefined));
  stdin.pipe(channel);
  channel.pipe(stdout, { end: false });
  await new Promise<void>((resolve) => channel.once('close', () => resolve()));
  stdin.unpipe(channel);
  return exitCode;
}

class BoundedOutput {
  full = false;
  readonly #chunks: Buffer[] = [];
  #left: number;

  constructor(stream: Readable, maxBytes: number) {
    this.#left = maxBytes;
    stream.on('data', (chunk: Buffer) => {
      if (chunk.length > this.#left) this.full = true;
      if (this.#left > 0) this.#chunks.push(chunk.subarray(0, this.#left));
      this.#left = Math.max(0, this.#left - chunk.length);
    });
  }

  get text(): string {
    return Buffer.concat(this.#chunks).toString('utf8');
  }
}

function openError(what: string, cause: Error): LabError {
  const message = `the guest opened no channel for '${what}': ${cause.message}`;
  return new LabError({ code: 'LAB_SSH_CHANNEL', blame: 'guest', message, cause });
}

function closedError(what: string, reason: string): LabError {
  return new LabError({
    code: 'LAB_SSH_CLOSED',
    blame: 'guest',
    message: `the ssh connection was cut while '${what}' was under way: ${reason}`,
    next: "see the guest's console.log and qemu.log: the guest may have crashed",
  });
}
