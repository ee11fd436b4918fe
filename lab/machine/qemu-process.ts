/** One QEMU process: started bound to the lab's life, watched, stopped. */
import { createWriteStream } from 'node:fs';
import { chown, mkdir, open, rm, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import type { Duplex, Readable } from 'node:stream';
import { execa, type Options } from 'execa';
import { LabError } from '../errors.ts';
import { GuestConsole } from './console.ts';
import { within } from './deadline.ts';
import { isRoot, QEMU_UID, unprivileged, type Launcher } from './launch.ts';
import type { MachineFolder } from './machine-folder.ts';
import { createOverlay } from './overlay.ts';
import {
  descriptorPath,
  qemuArguments,
  blockDevices,
  type Channel,
  type Inherited,
  type MachineSettings,
  type QemuArguments,
} from './qemu-arguments.ts';
import { QmpClient, type QmpEvent } from './qmp.ts';

export interface StartOptions {
  /** Holds the overlays; the caller disposes of it after the machine. */
  folder: MachineFolder;
  /** Where console.log and qemu.log are written. */
  evidence: string;
  /** Puts QEMU into its place; must keep descriptors and bind QEMU to the lab's life. Default: `unprivileged`. */
  launcher?: Launcher;
  /** For QEMU to answer on its QMP channel. */
  timeoutMs?: number;
}

export interface MachineExit {
  /**
   * 'stopped': by us; 'guest-shutdown', 'guest-reset': by the guest's own wish; 'killed': by a signal from
   * outside; 'failed': QEMU gave up by itself.
   */
  cause: 'stopped' | 'guest-shutdown' | 'guest-reset' | 'killed' | 'failed';
  exitCode: number | undefined;
  signal: string | undefined;
  /** QEMU's own last words, real paths in place of descriptors. */
  words: string;
}

const MAX_WORDS_CHARACTERS = 16 * 1024;
const QUIT_TIMEOUT_MS = 3_000;

/**
 * Starts QEMU and waits until it answers; the guest then runs, or waits for its state where the settings say so.
 * Rejects with LAB_QEMU_MISSING, LAB_QEMU_FAILED...
 */
export async function startMachine(
  settings: MachineSettings,
  options: StartOptions,
): Promise<RunningMachine> {
  const overlays = await createOverlays(settings, options.folder);
  const output = await createOutput(options.folder);
  const machine = await spawnQemu(qemuArguments(settings, overlays), output, options);
  try {
    await machine.connect(options.timeoutMs ?? 20_000);
    await options.folder.adopt('qemu', machine.pid);
    // QEMU holds them open: from here on not even a power cut leaves an overlay behind.
    for (const overlay of overlays) if (overlay !== undefined) await rm(overlay, { force: true });
    return machine;
  } catch (error) {
    await machine[Symbol.asyncDispose]();
    throw error;
  }
}

async function createOverlays(
  settings: MachineSettings,
  folder: MachineFolder,
): Promise<(string | undefined)[]> {
  const overlays: (string | undefined)[] = [];
  for (const [index, disk] of blockDevices(settings).entries()) {
    const overlay = disk.writes === 'discard' ? join(folder.path, `disk${index}.qcow2`) : undefined;
    if (overlay !== undefined) await createOverlay(disk, overlay);
    overlays.push(overlay);
  }
  return overlays;
}

/** Where QEMU may write while it runs: what nobody could name before it was started. */
async function createOutput(folder: MachineFolder): Promise<string> {
  const path = join(folder.path, 'output');
  await mkdir(path, { recursive: true, mode: 0o700 });
  if (isRoot) await chown(path, QEMU_UID, QEMU_UID);
  return path;
}

async function spawnQemu(
  { argv, inherited: settled, migrationUri }: QemuArguments,
  output: string,
  options: StartOptions,
): Promise<RunningMachine> {
  const files: FileHandle[] = [];
  const inherited: Inherited[] = [...settled, { kind: 'file', path: output, flags: 'r' }];
  try {
    const stdio: ('pipe' | number)[] = [];
    for (const entry of inherited) {
      if (entry.kind === 'file') files.push(await openForQemu(entry.path, entry.flags));
      stdio.push(entry.kind === 'file' ? files.at(-1)!.fd : 'pipe');
    }
    const [program, ...rest] = (options.launcher ?? unprivileged)(argv) as [string, ...string[]];
    const subprocess = execa(program, rest, {
      // Node makes a socket pair for each 'pipe': QEMU takes its end as a connected character device.
      stdio: ['ignore', 'pipe', 'pipe', ...stdio] as Options['stdio'],
      buffer: false,
      reject: false,
      extendEnv: false,
      env: { PATH: `${process.env['PATH']}:/usr/sbin:/sbin`, LANG: 'C.UTF-8' },
      cwd: '/',
      // A session of its own: Ctrl-C is for the lab, which then stops its machines in order.
      detached: true,
    });
    const channels = new Map<Channel, Duplex>();
    inherited.forEach((entry, index) => {
      if (entry.kind === 'channel')
        channels.set(entry.channel, subprocess.stdio[3 + index] as unknown as Duplex);
    });
    const realPath = (text: string) =>
      inherited.reduceRight(
        (all, entry, index) =>
          entry.kind === 'file' ? all.replaceAll(descriptorPath(index), entry.path) : all,
        text,
      );
    return new RunningMachine({
      ...{ subprocess, channels, realPath, migrationUri },
      output: { folder: output, qemuFolder: descriptorPath(settled.length) },
      evidence: options.evidence,
    });
  } finally {
    for (const file of files) await file.close();
  }
}

/** What QEMU writes has to belong to the user that it runs as. */
async function openForQemu(path: string, flags: 'r' | 'r+' | 'w'): Promise<FileHandle> {
  try {
    const file = await open(path, flags);
    // A file that is QEMU's already is left alone: its times tell whether somebody has touched it.
    if (isRoot && flags !== 'r' && (await file.stat()).uid !== QEMU_UID) await file.chown(QEMU_UID, QEMU_UID);
    return file;
  } catch (cause) {
    throw new LabError({
      code: 'LAB_MACHINE_FILE',
      blame: 'host',
      message: `could not open '${path}' for the machine: ${(cause as Error).message}`,
      next: `check that '${path}' exists and may be read; build the image again if it does not`,
      cause,
    });
  }
}

type QemuSubprocess = PromiseLike<{
  exitCode?: number | undefined;
  signal?: string | undefined;
  message?: string | undefined;
}> & {
  readonly pid?: number | undefined;
  kill(signal: NodeJS.Signals): boolean;
  readonly stdout: Readable | null;
  readonly stderr: Readable | null;
};

interface MachineParts {
  subprocess: QemuSubprocess;
  channels: Map<Channel, Duplex>;
  /** Puts the files' names into QEMU's words, in place of descriptors. */
  realPath: (text: string) => string;
  migrationUri: string | undefined;
  output: MachineOutput;
  evidence: string;
}

/** A folder of QEMU's user, which goes with the machine: see guest-memory.ts. */
export interface MachineOutput {
  folder: string;
  /** The same as QEMU names it. */
  qemuFolder: string;
}

/** A started machine. It is stopped once `exited` has settled, and stays so: there is no second start. */
export class RunningMachine implements AsyncDisposable {
  readonly console: GuestConsole;
  /** The host's end of the agent's channel. */
  readonly agent: Duplex;
  /** Settles when the process is gone. Never rejects. */
  readonly exited: Promise<MachineExit>;
  /** QEMU's standard output and error, whole. */
  readonly logPath: string;
  /** Where the machine's state goes to or comes from, if its settings say so. */
  readonly migrationUri: string | undefined;
  readonly output: MachineOutput;
  readonly #subprocess: QemuSubprocess;
  readonly #qmpStream: Duplex;
  #qmp: QmpClient | undefined;
  #stopAsked = false;
  #shutdownReason: string | undefined;
  #words = '';

  constructor(parts: MachineParts) {
    const { subprocess, channels, realPath, evidence } = parts;
    this.migrationUri = parts.migrationUri;
    this.output = parts.output;
    this.#subprocess = subprocess;
    // Read by nobody yet, and execa throws away what nobody reads: QEMU greets once.
    this.#qmpStream = channels.get('qmp')!.pause();
    this.agent = channels.get('agent')!;
    // A channel breaks when QEMU dies; that is told by `exited`.
    for (const stream of channels.values()) stream.on('error', () => undefined);
    this.console = new GuestConsole(channels.get('console')!, join(evidence, 'console.log'));
    this.logPath = join(evidence, 'qemu.log');
    const log = createWriteStream(this.logPath);
    log.on('error', () => undefined);
    for (const stream of [subprocess.stdout, subprocess.stderr])
      stream?.on('data', (chunk: Buffer) => {
        const text = realPath(chunk.toString('utf8'));
        if (log.bytesWritten < 1024 * 1024) log.write(text);
        this.#words = (this.#words + text).slice(-MAX_WORDS_CHARACTERS);
      });
    this.exited = this.#watch(subprocess).finally(() => log.end());
  }

  get pid(): number {
    return this.#subprocess.pid ?? -1;
  }

  get qmp(): QmpClient {
    return this.#qmp!;
  }

  /** Opens the QMP connection; part of starting. */
  async connect(timeoutMs: number): Promise<void> {
    const opening = QmpClient.open(this.#qmpStream, timeoutMs);
    const early = this.exited.then((exit) => {
      throw this.#startError(exit);
    });
    try {
      this.#qmp = await Promise.race([opening, early]);
    } catch (error) {
      opening.catch(() => undefined);
      // QEMU closes QMP some milliseconds before it is gone: its own words say more than the closed stream.
      if (error instanceof LabError && error.code === 'LAB_QMP_CLOSED')
        throw this.#startError(await within(this.exited, this.#exitDeadline()));
      throw error;
    }
    early.catch(() => undefined);
    this.#qmp.on('event', (event: QmpEvent) => {
      if (event.name === 'SHUTDOWN') this.#shutdownReason = String(event.data['reason']);
    });
  }

  /** Asks QEMU to quit, kills it if it does not. May be called at any time, more than once. */
  async stop(): Promise<MachineExit> {
    this.#stopAsked = true;
    const quit =
      this.#qmp?.execute('quit', {}, QUIT_TIMEOUT_MS) ?? Promise.reject(new Error('not connected'));
    const hasQuit = await within(
      quit.then(() => this.exited),
      this.#exitDeadline(),
    ).catch(() => undefined);
    return hasQuit ?? (await this.kill());
  }

  /** Ends the process at once. */
  async kill(): Promise<MachineExit> {
    this.#stopAsked = true;
    this.#subprocess.kill('SIGKILL');
    return await within(this.exited, this.#exitDeadline());
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
    await this.console.ended;
  }

  async #watch(subprocess: QemuSubprocess): Promise<MachineExit> {
    const result = await subprocess;
    const { exitCode, signal } = result;
    const words =
      this.#words.trim() || (exitCode === undefined && signal === undefined ? (result.message ?? '') : '');
    return { cause: this.#cause(exitCode, signal), exitCode, signal, words };
  }

  #cause(exitCode: number | undefined, signal: string | undefined): MachineExit['cause'] {
    if (this.#stopAsked) return 'stopped';
    if (this.#shutdownReason === 'guest-reset') return 'guest-reset';
    if (this.#shutdownReason?.startsWith('guest')) return 'guest-shutdown';
    // SIGABRT, SIGSEGV, SIGSYS (the sandbox) are QEMU's own doing.
    const isOwnDoing = ['SIGABRT', 'SIGSEGV', 'SIGBUS', 'SIGSYS', 'SIGILL', 'SIGFPE'].includes(signal ?? '');
    // Its event may still be on the way; its words are not.
    const isEnded = this.#shutdownReason === 'host-signal' || /terminating on signal/.test(this.#words);
    if ((signal !== undefined && !isOwnDoing) || isEnded) return 'killed';
    return exitCode === 0 ? 'guest-shutdown' : 'failed';
  }

  #exitDeadline() {
    return {
      code: 'LAB_QEMU_STUCK',
      blame: 'host',
      message: `QEMU (process ${this.pid}) did not end`,
      timeoutMs: QUIT_TIMEOUT_MS,
    } as const;
  }

  #startError(exit: MachineExit): LabError {
    const isMissing =
      /(failed to execute|No such file or directory|ENOENT)/.test(exit.words) && exit.exitCode !== 1;
    if (isMissing)
      return new LabError({
        code: 'LAB_QEMU_MISSING',
        blame: 'host',
        message: `could not run QEMU: ${exit.words}`,
        next: 'install it: sudo apt-get install qemu-system-x86 qemu-utils util-linux',
      });
    const how = exit.signal ? `by ${exit.signal}` : `with exit code ${exit.exitCode}`;
    return new LabError({
      code: 'LAB_QEMU_FAILED',
      blame: 'host',
      message: `QEMU ended ${how} before it answered: ${exit.words || 'without a word'}`,
      next: `see ${this.logPath}`,
      evidence: [this.logPath],
    });
  }
}
