/** A guest that runs: all that the rest of the lab does with one goes through here. */
import { readFile } from 'node:fs/promises';
import type { Socket } from 'node:net';
import type { Readable, Writable } from 'node:stream';
import type { AcceleratorChoice } from '../machine/accelerator.ts';
import type { RunningMachine } from '../machine/qemu-process.ts';
import type { GuestEndpoint, GuestNetwork } from '../network/guest-network.ts';
import { MAX_AGENT_FILE_BYTES, putByAgent, runByAgent } from './agent-commands.ts';
import type { AgentChannel } from './agent-channel.ts';
import { capabilityNames, type Capability, type CapabilityFinding } from './capabilities.ts';
import { unlessGone, type GuestGone } from './guest-gone.ts';
import type { GuestCapability, GuestImage } from './guest-image.ts';
import type { SftpSession } from './sftp-session.ts';
import { getFile, putFile, readGuestFile, type TransferOptions, type TransferredFile } from './sftp.ts';
import type { ExecOptions, ExecResult, SshConnection } from './ssh.ts';

/** What a guest offers, however it came to run. */
export interface Guest {
  readonly name: string;
  /** What its image says that it needs or lacks. */
  readonly capabilities: ReadonlySet<GuestCapability>;
  /** It was asked, and can do that. */
  has(capability: Capability): boolean;
  readonly agent: AgentChannel;
  readonly network: GuestNetwork;
  /** Settles when the guest is gone, with the reason. Never rejects. */
  readonly gone: Promise<GuestGone>;
  /** See SshConnection.exec; a program that the agent has in itself runs there. Rejects with LAB_GUEST_GONE when the guest goes meanwhile. */
  exec(command: string, options?: ExecOptions): Promise<ExecResult>;
  /** Puts a file of the host's, or bytes, at a path like C:\lab\x. */
  put(source: string | Uint8Array, guestPath: string, options?: TransferOptions): Promise<TransferredFile>;
  /** Fetches a file to a path of the caller's choosing. */
  get(guestPath: string, hostPath: string, options?: TransferOptions): Promise<TransferredFile>;
  /** Reads a file of the guest's, at most `maxBytes`. */
  read(guestPath: string, options?: TransferOptions): Promise<Buffer>;
  /** A TCP connection from the lab's own process to a port of the guest's. */
  dial(endpoint: GuestEndpoint, timeoutMs: number): Promise<Socket>;
  /** A person's shell. Gives its exit code. */
  shell(
    stdin: Readable,
    stdout: Writable,
    size: { rows: number; columns: number },
  ): Promise<number | undefined>;
}

export interface GuestParts {
  image: GuestImage;
  accelerator: AcceleratorChoice;
  network: GuestNetwork;
  machine: RunningMachine;
  /** Opens an ssh connection, trying until the time is over. */
  connect: (timeoutMs?: number) => Promise<SshConnection>;
  /** One that is open already. */
  ssh?: SshConnection;
  agent: AgentChannel;
  /** The agent has not been greeted: all goes over ssh. */
  sshOnly?: boolean;
  /** What it was found to be able to do, if it was asked already. */
  findings?: readonly CapabilityFinding[];
  gone: Promise<GuestGone>;
  /** Stops the machine, closes the network, removes what was made. */
  close: () => Promise<void>;
}

export class BootedGuest implements Guest, AsyncDisposable {
  readonly name: string;
  readonly capabilities: ReadonlySet<GuestCapability>;
  readonly accelerator: AcceleratorChoice;
  readonly network: GuestNetwork;
  readonly machine: RunningMachine;
  readonly agent: AgentChannel;
  readonly gone: Promise<GuestGone>;
  #findings: readonly CapabilityFinding[];
  readonly #sshOnly: boolean;
  readonly #connect: (timeoutMs?: number) => Promise<SshConnection>;
  #ssh: Promise<SshConnection> | undefined;
  readonly #close: () => Promise<void>;

  constructor(parts: GuestParts) {
    this.name = parts.image.name;
    this.capabilities = new Set(parts.image.capabilities);
    this.accelerator = parts.accelerator;
    this.network = parts.network;
    this.machine = parts.machine;
    this.agent = parts.agent;
    this.gone = parts.gone;
    this.#findings = parts.findings ?? [];
    this.#sshOnly = parts.sshOnly ?? false;
    this.#connect = parts.connect;
    if (parts.ssh) this.#ssh = Promise.resolve(parts.ssh);
    this.#close = parts.close;
  }

  /** What it was found to be able to do; see probe-capabilities.ts. */
  get findings(): readonly CapabilityFinding[] {
    return this.#findings;
  }

  set findings(findings: readonly CapabilityFinding[]) {
    this.#findings = findings;
  }

  get abilities(): Record<Capability, boolean> {
    const all = capabilityNames.map((name) => [name, this.has(name)]);
    return Object.fromEntries(all) as Record<Capability, boolean>;
  }

  has(capability: Capability): boolean {
    return this.#findings.some(({ name, has }) => name === capability && has);
  }

  /** Opens the ssh connection, so that the first command finds it open. Safe to leave unawaited. */
  async connect(): Promise<void> {
    await this.#while('the ssh login', this.#connection());
  }

  /** Ends the ssh connection and waits until the guest has closed its side; the next command opens another one. */
  async disconnect(): Promise<void> {
    const ssh = this.#ssh;
    this.#ssh = undefined;
    await (await ssh)?.end();
  }

  /** An ssh connection to a guest that has restarted after its end. The caller disposes of it. */
  async connectAfterEnd(timeoutMs: number): Promise<SshConnection> {
    const before = this.#ssh;
    this.#ssh = undefined;
    void before?.then((open) => open[Symbol.asyncDispose]()).catch(() => undefined);
    return await this.#connect(timeoutMs);
  }

  async exec(command: string, options?: ExecOptions): Promise<ExecResult> {
    return await this.#while(`'${command}'`, this.#run(command, options));
  }

  async put(
    source: string | Uint8Array,
    guestPath: string,
    options?: TransferOptions,
  ): Promise<TransferredFile> {
    const content = typeof source === 'string' ? await readFile(source) : source;
    const transfer =
      content.length <= MAX_AGENT_FILE_BYTES && !this.#sshOnly
        ? putByAgent(this.agent, content, guestPath, options)
        : this.#files('put', (sftp) => putFile(sftp, content, guestPath, options));
    return await this.#while(`the copy to '${guestPath}'`, transfer);
  }

  async get(guestPath: string, hostPath: string, options?: TransferOptions): Promise<TransferredFile> {
    const transfer = this.#files('get', (sftp) => getFile(sftp, guestPath, hostPath, options));
    return await this.#while(`the copy of '${guestPath}'`, transfer);
  }

  async read(guestPath: string, options?: TransferOptions): Promise<Buffer> {
    const transfer = this.#files('read', (sftp) => readGuestFile(sftp, guestPath, options));
    return await this.#while(`reading '${guestPath}'`, transfer);
  }

  async dial(endpoint: GuestEndpoint, timeoutMs: number): Promise<Socket> {
    return await this.network.dial(endpoint, timeoutMs);
  }

  async shell(
    stdin: Readable,
    stdout: Writable,
    size: { rows: number; columns: number },
  ): Promise<number | undefined> {
    return await (await this.#connection()).shell(stdin, stdout, size);
  }

  /** Stops the guest and removes all that was made for it. May be called more than once. */
  async [Symbol.asyncDispose](): Promise<void> {
    const ssh = this.#ssh;
    this.#ssh = undefined;
    // A login that is under way ends with the machine.
    void ssh?.then((open) => open[Symbol.asyncDispose]()).catch(() => undefined);
    await this.#close();
  }

  /** The agent does what it can by itself; everything else is a command of ssh's. */
  async #run(command: string, options?: ExecOptions): Promise<ExecResult> {
    const done = this.#sshOnly ? undefined : await runByAgent(this.agent, command, options);
    return done ?? (await (await this.#connection()).exec(command, options));
  }

  #connection(): Promise<SshConnection> {
    this.#ssh ??= this.#connect();
    return this.#ssh;
  }

  async #files<T>(what: string, use: (sftp: SftpSession) => Promise<T>): Promise<T> {
    return await (await this.#connection()).files(what, use);
  }

  async #while<T>(during: string, work: Promise<T>): Promise<T> {
    return await unlessGone(work, this.gone, () => during);
  }
}
