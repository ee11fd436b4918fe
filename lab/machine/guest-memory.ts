/**
 * What a guest holds, taken from outside: part of its memory, all of it, its registers, its display. For one that cannot
 * go on, or has stopped; QEMU writes each into a folder of its own user's, from where it is moved to where it belongs.
 */
import { chown, copyFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { stringify } from 'lossless-json';
import { LabError } from '../errors.ts';
import { within } from './deadline.ts';
import type { RunningMachine } from './qemu-process.ts';
import type { QmpEvent } from './qmp.ts';

/** An answer to a request for it costs a second at most. */
const PART_TIMEOUT_MS = 30_000;
/** So much of a guest's memory is taken at most in one piece: the largest ring and its header. */
export const MAX_PART_BYTES = 2 ** 28 + 4096;

export interface MemoryPart {
  /** Physical. */
  address: bigint;
  bytes: number;
}

/** Writes a part of the guest's physical memory to `file`. Rejects with LAB_GUEST_MEMORY, LAB_QMP_ERROR... */
export async function saveMemoryPart(
  machine: RunningMachine,
  { address, bytes }: MemoryPart,
  file: string,
): Promise<void> {
  if (bytes <= 0 || bytes > MAX_PART_BYTES)
    throw new LabError({
      code: 'LAB_GUEST_MEMORY',
      blame: 'guest',
      message: `the guest spoke of ${bytes} bytes of its memory at 0x${address.toString(16)}; at most ${MAX_PART_BYTES} are taken`,
    });
  await takeOut(machine, file, (filename) =>
    machine.qmp.execute('pmemsave', { val: address, size: bytes, filename }, PART_TIMEOUT_MS),
  );
}

/**
 * Writes all of the guest's memory and its registers to `file`, an ELF core file: gdb, Volatility and MemProcFS read it,
 * WinDbg does not. The guest should stand still. `onProgress` is told from 0 to 1.
 */
export async function dumpMemory(
  machine: RunningMachine,
  file: string,
  { timeoutMs, onProgress }: { timeoutMs: number; onProgress?: (part: number) => void },
): Promise<void> {
  await takeOut(machine, file, async (filename) => {
    const ended = dumpEnd(machine);
    await machine.qmp.execute('dump-guest-memory', {
      ...{ paging: false, protocol: `file:${filename}`, format: 'elf', detach: true },
    });
    const progress = setInterval(() => void tellProgress(machine, onProgress), 500);
    try {
      await within(ended, {
        code: 'LAB_GUEST_MEMORY',
        blame: 'host',
        message: "the guest's memory was not dumped",
        next: 'see the free space of the cache folder and of the folder for runs',
        timeoutMs,
      });
    } finally {
      clearInterval(progress);
    }
  });
}

async function dumpEnd(machine: RunningMachine): Promise<void> {
  let listener: ((event: QmpEvent) => void) | undefined;
  const completed = new Promise<void>((resolve, reject) => {
    listener = ({ name, data }) => {
      if (name !== 'DUMP_COMPLETED') return;
      if (data['error'] === undefined) resolve();
      else
        reject(
          new LabError({
            code: 'LAB_GUEST_MEMORY',
            blame: 'host',
            message: `the guest's memory was not dumped: ${stringify(data['error'])}`,
          }),
        );
    };
    machine.qmp.on('event', listener);
  });
  const gone = machine.exited.then(({ words }) => {
    throw new LabError({
      code: 'LAB_GUEST_MEMORY',
      blame: 'host',
      message: `QEMU ended while it dumped the guest's memory: ${words || 'without a word'}`,
    });
  });
  gone.catch(() => undefined);
  try {
    await Promise.race([completed, gone]);
  } finally {
    machine.qmp.off('event', listener!);
  }
}

async function tellProgress(
  { qmp }: RunningMachine,
  onProgress: ((part: number) => void) | undefined,
): Promise<void> {
  // Only for show: an answer that does not come is told by the end of the dump.
  const answer = await qmp
    .execute<{ completed: number; total: number }>('query-dump')
    .catch(() => ({ completed: 0, total: 0 }));
  if (answer.total > 0) onProgress?.(answer.completed / answer.total);
}

/** Writes the registers of all processors to `file`, as text. */
export async function saveRegisters({ qmp }: RunningMachine, file: string): Promise<void> {
  await writeFile(file, await qmp.monitor('info registers -a', PART_TIMEOUT_MS));
}

/** Writes a picture of the display to `file`, PNG. Rejects with LAB_QMP_ERROR for a machine without one. */
export async function saveDisplay(machine: RunningMachine, file: string): Promise<void> {
  await takeOut(machine, file, (filename) =>
    machine.qmp.execute('screendump', { filename, format: 'png' }, PART_TIMEOUT_MS),
  );
}

/** A non-maskable interrupt for every processor: Windows then stops with bugcheck 0x80 and writes its dump. */
export async function sendNmi({ qmp }: RunningMachine): Promise<void> {
  await qmp.execute('inject-nmi');
}

let taken = 0;

/** QEMU writes what `write` asks for, which then stands at `file`, whole or not at all. */
async function takeOut(
  { output }: RunningMachine,
  file: string,
  write: (qemuPath: string) => Promise<unknown>,
): Promise<void> {
  const name = `taken-${++taken}`;
  const path = join(output.folder, name);
  try {
    await write(`${output.qemuFolder}/${name}`);
    await moveFile(path, file);
  } finally {
    await rm(path, { force: true });
  }
}

async function moveFile(from: string, to: string): Promise<void> {
  await stat(from);
  try {
    await rename(from, to);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EXDEV') throw error;
    await copyFile(from, `${to}.part`);
    await rename(`${to}.part`, to);
  }
  if (process.getuid && process.getgid) await chown(to, process.getuid(), process.getgid());
}
