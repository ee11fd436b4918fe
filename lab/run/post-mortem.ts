/**
 * A guest that has crashed or hangs, from the moment at which the host knows it: what it holds is taken while it stands
 * still, then it may go on to write its own dump, restart, and hand that over. Whatever fails on the way is a note; the
 * next scenario gets another guest.
 */
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { bugcheckText, type Bugcheck } from '../crash/bugcheck.ts';
import { readDumpHeader, type DumpHeader } from '../crash/dump-header.ts';
import { readRingMemory } from '../crash/ring-memory.ts';
import { LabError } from '../errors.ts';
import type { Capability } from '../guest/capabilities.ts';
import type { BootedGuest } from '../guest/guest.ts';
import type { GuestGone } from '../guest/guest-gone.ts';
import { fetchLargeFile } from '../guest/large-file.ts';
import { sftpPath } from '../guest/sftp.ts';
import type { SshConnection } from '../guest/ssh.ts';
import { availableMiB } from '../image/disk-space.ts';
import { within } from '../machine/deadline.ts';
import { dumpMemory, saveDisplay, saveMemoryPart, saveRegisters, sendNmi } from '../machine/guest-memory.ts';
import type { QmpEvent } from '../machine/qmp.ts';
import type { CrashRest, Recording, RecordingEnd } from './recording.ts';

export interface Artefact {
  /** 'memory dump, kernel', for people. */
  what: string;
  path: string;
  bytes: number;
}

export interface PostMortem {
  /** As QEMU told it, else as the dump says. */
  bugcheck: Bugcheck | undefined;
  /** An NMI of the lab's made the guest crash, which hung before. */
  isAskedFor: boolean;
  artefacts: Artefact[];
  /** What could not be had, and what does not fit together. */
  notes: string[];
  end: RecordingEnd | undefined;
}

export interface PostMortemOptions {
  guest: Pick<BootedGuest, 'machine' | 'connectAfterEnd'>;
  gone: GuestGone;
  recording: Pick<Recording, 'ring' | 'settled' | 'endWithCrash'>;
  /** Of the scenario: what is taken is put there. */
  folder: string;
  has: (capability: Capability) => boolean;
  /** For the guest to write its dump, restart and hand it over. */
  dumpMs: number;
  /** A larger dump is neither made nor fetched. */
  maxDumpBytes: number;
  signal: AbortSignal;
  onStep?: (label: string) => void;
}

/** Ends of a guest whose machine is still there to be looked into. */
const EXAMINED: readonly GuestGone['cause'][] = ['panic', 'hung', 'restarted'];

export const canBeExamined = ({ cause, blame }: GuestGone): boolean =>
  EXAMINED.includes(cause) && blame === 'guest';

/** Rejects with the signal's reason only. */
export async function examine(options: PostMortemOptions): Promise<PostMortem> {
  return await new Examination(options).run();
}

const MEMORY_DUMP = 'C:\\Windows\\MEMORY.DMP';
const MINIDUMPS = 'C:\\Windows\\Minidump';
const POLL_MS = 2_000;
/** Of the time for the dump: how long a silent guest may be about to write one, before it gets an NMI. */
const PATIENCE = 0.4;
/** Windows writes the minidump beside MEMORY.DMP, or instead of it, soon after it has restarted. */
const APPEARANCE_MS = 30_000;

class Examination {
  readonly #options: PostMortemOptions;
  readonly #artefacts: Artefact[] = [];
  readonly #notes: string[] = [];
  readonly #deadline: number;
  #witness: DumpHeader | undefined;
  #isAskedFor = false;

  constructor(options: PostMortemOptions) {
    this.#options = options;
    this.#deadline = performance.now() + options.dumpMs;
  }

  async run(): Promise<PostMortem> {
    const { gone, recording, guest, has, onStep } = this.#options;
    const { machine } = guest;
    const rest = gone.cause === 'restarted' ? undefined : await this.#lookInto();
    const end = await this.#attempt("the trace's end", () => recording.endWithCrash(rest));
    if (has('crashDump')) {
      onStep?.('the guest writes its dump and restarts');
      const hasRestarted = gone.cause === 'restarted' || (await this.#letItRestart());
      if (hasRestarted) await this.#attempt("the guest's dump", () => this.#fetchDumps());
    }
    if (!this.#witness && gone.cause !== 'restarted') {
      await machine.qmp.execute('stop').catch(() => undefined);
      await this.#attempt('a dump of its memory', () => this.#dumpFromOutside());
    }
    this.#compare();
    return {
      ...{ bugcheck: gone.bugcheck ?? this.#witness?.bugcheck, isAskedFor: this.#isAskedFor },
      ...{ artefacts: this.#artefacts, notes: this.#notes, end },
    };
  }

  /** What stands still: display, registers, ring. */
  async #lookInto(): Promise<CrashRest | undefined> {
    const { gone, guest, folder, onStep } = this.#options;
    const { machine } = guest;
    onStep?.('the guest is looked into');
    if (gone.cause === 'hung') await this.#attempt('a halt', () => machine.qmp.execute('stop'));
    // A machine without a display has none to show.
    await this.#take('display', join(folder, 'crash-display.png'), (file) =>
      saveDisplay(machine, file),
    ).catch(() => undefined);
    const registers = join(folder, 'crash-registers.txt');
    await this.#attempt('registers', () =>
      this.#take('registers', registers, (file) => saveRegisters(machine, file)),
    );
    return await this.#attempt("the recorder's ring", () => this.#readRing());
  }

  async #readRing(): Promise<CrashRest | undefined> {
    const { recording, guest, folder } = this.#options;
    const received = await recording.settled();
    const { ring } = recording;
    if (!ring) return undefined;
    const path = join(folder, 'crash-ring.bin');
    await this.#take("the recorder's ring", path, (file) => saveMemoryPart(guest.machine, ring, file));
    const rest = readRingMemory(await readFile(path), received);
    if (typeof rest === 'string') {
      this.#notes.push(`the recorder's ring could not be read: ${rest}`);
      return undefined;
    }
    if (rest.loss !== undefined) this.#notes.push(`the recorder's ring: ${rest.loss}`);
    return rest;
  }

  /** True when the guest has begun to boot again. */
  async #letItRestart(): Promise<boolean> {
    const { gone, guest, has } = this.#options;
    const { qmp } = guest.machine;
    const reset = this.#reset();
    reset.catch(() => undefined);
    const isAlive = await this.#attempt('its going on', async () => {
      // It has been told: what it tells again must not stop it while it writes, and its restart must not end QEMU.
      await qmp.execute('set-action', { panic: 'none', reboot: 'reset' });
      await qmp.execute('cont');
      return true;
    });
    if (!isAlive) return false;
    if (gone.cause === 'hung') {
      // Where a crash would have been told it is none; elsewhere it may be one, and must not be disturbed.
      const patienceMs = has('panicEvent') ? 0 : this.#leftMs() * PATIENCE;
      const came = await Promise.race([
        reset.then(() => true),
        this.#pause(patienceMs).then(() => false),
      ]).catch(() => false);
      if (came) return true;
      this.#isAskedFor = true;
      await this.#attempt('an NMI', () => sendNmi(guest.machine));
    }
    return (await this.#attempt('a restart', () => reset.then(() => true))) ?? false;
  }

  async #reset(): Promise<void> {
    const { machine } = this.#options.guest;
    const { signal } = this.#options;
    let listener: ((event: QmpEvent) => void) | undefined;
    const happened = new Promise<void>((resolve, reject) => {
      listener = ({ name }) => void (name === 'RESET' && resolve());
      machine.qmp.on('event', listener);
      signal.addEventListener('abort', () => reject(signal.reason as Error));
      void machine.exited.then(({ cause }) => reject(new Error(`the machine ended: ${cause}`)));
    });
    try {
      await within(happened, {
        code: 'LAB_GUEST_NO_DUMP',
        blame: 'guest',
        message: 'the guest did not restart after its crash',
        timeoutMs: this.#leftMs(),
      });
    } finally {
      machine.qmp.off('event', listener!);
    }
  }

  async #fetchDumps(): Promise<void> {
    const { guest, folder } = this.#options;
    await using ssh = await guest.connectAfterEnd(this.#leftMs());
    const found = await this.#fetch(ssh, MEMORY_DUMP, join(folder, 'MEMORY.DMP'));
    const minidumps = await ssh.exec(`dir /b ${MINIDUMPS}\\*.dmp`, { timeoutMs: POLL_MS * 5 });
    const names = minidumps.stdout.split(/\r?\n/).filter((name) => /^[\w+-]{1,40}\.dmp$/i.test(name));
    // The newest, by its name: it begins with the date and counts.
    const newest = names.sort().at(-1);
    const fetched =
      newest !== undefined &&
      (await this.#fetch(ssh, `${MINIDUMPS}\\${newest}`, join(folder, 'minidump.dmp')));
    if (!found && !fetched)
      this.#notes.push(`neither ${MEMORY_DUMP} nor a minidump is there after the restart`);
  }

  /** False when there is no such file. */
  async #fetch(ssh: SshConnection, guestPath: string, file: string): Promise<boolean> {
    const { maxDumpBytes, onStep } = this.#options;
    const isThere = await this.#waitUntilWhole(ssh, guestPath);
    if (!isThere) return false;
    await this.#take('memory dump of Windows', file, (path) =>
      ssh.files(`fetching ${guestPath}`, async (sftp) => {
        await fetchLargeFile(sftp, guestPath, path, {
          timeoutMs: this.#leftMs(),
          maxBytes: maxDumpBytes,
          onProgress: (bytes, of) =>
            onStep?.(`${guestPath}: ${Math.round(bytes / 2 ** 20)} of ${Math.round(of / 2 ** 20)} MiB`),
        });
      }),
    );
    const header = await readDumpHeader(file);
    if (typeof header === 'string') {
      this.#notes.push(`${file} is no dump that the lab can read: ${header}`);
      return true;
    }
    const { size } = await stat(file);
    if (header.neededBytes > BigInt(size) && header.neededBytes < 2n ** 48n)
      this.#notes.push(`${file} has ${size} bytes of ${header.neededBytes}: it is cut`);
    const artefact = this.#artefacts.find(({ path }) => path === file);
    if (artefact) artefact.what = `memory dump of Windows, ${header.kind}, build ${header.build}`;
    this.#witness ??= header;
    return true;
  }

  /** The dump is copied out of the page file during the next boot: its size stands still when that is done. */
  async #waitUntilWhole(ssh: SshConnection, guestPath: string): Promise<boolean> {
    const sizeOf = () =>
      ssh.files(`looking at ${guestPath}`, (sftp) => sftp.size(sftpPath(guestPath))).catch(() => 0);
    const appearsUntil = performance.now() + Math.min(APPEARANCE_MS, this.#leftMs());
    for (let before = -1; performance.now() < this.#deadline;) {
      const size = await sizeOf();
      if (size > 0 && size === before) return true;
      if (size === 0 && performance.now() > appearsUntil) return false;
      before = size;
      await this.#pause(POLL_MS);
    }
    return false;
  }

  async #dumpFromOutside(): Promise<void> {
    const { guest, folder, maxDumpBytes, onStep } = this.#options;
    const { size } = await guest.machine.qmp
      .execute<{ 'base-memory': number }>('query-memory-size-summary')
      .then((answer) => ({ size: answer['base-memory'] }));
    const neededMiB = Math.ceil(size / 2 ** 20) + 64;
    if (size > maxDumpBytes) throw new Error(`${size} bytes are more than the ${maxDumpBytes} that are kept`);
    if ((await availableMiB(folder)) < neededMiB)
      throw new Error(`${neededMiB} MiB are not free in ${folder}`);
    await this.#take(
      'memory and registers from outside, an ELF core file',
      join(folder, 'memory.elf'),
      (file) =>
        dumpMemory(guest.machine, file, {
          timeoutMs: Math.max(this.#leftMs(), 60_000),
          onProgress: (part) => onStep?.(`its memory is dumped: ${Math.round(100 * part)} %`),
        }),
    );
  }

  /** The event and the dump are independent witnesses of the same bugcheck. */
  #compare(): void {
    const told = this.#options.gone.bugcheck;
    const written = this.#witness?.bugcheck;
    if (!told || !written || bugcheckText(told) === bugcheckText(written)) return;
    this.#notes.push(
      `QEMU told of bugcheck ${bugcheckText(told)}, the dump speaks of ${bugcheckText(written)}: it is another crash's, or a second one`,
    );
  }

  async #take(what: string, path: string, write: (file: string) => Promise<void>): Promise<void> {
    await write(path);
    this.#artefacts.push({ what, path, bytes: (await stat(path)).size });
  }

  /** What fails is noted; only the end of the whole run ends this. */
  async #attempt<T>(what: string, work: () => Promise<T>): Promise<T | undefined> {
    try {
      return await work();
    } catch (error) {
      this.#options.signal.throwIfAborted();
      const message = error instanceof LabError || error instanceof Error ? error.message : String(error);
      this.#notes.push(`${what} could not be had: ${message}`);
      return undefined;
    }
  }

  #leftMs(): number {
    return Math.max(1, this.#deadline - performance.now());
  }

  async #pause(ms: number): Promise<void> {
    await delay(ms, undefined, { signal: this.#options.signal });
  }
}
