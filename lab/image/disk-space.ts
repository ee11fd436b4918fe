/** A full disk is said before the build where that can be known, and in the same words when it happens after all. */
import { statfs } from 'node:fs/promises';
import { LabError } from '../errors.ts';

const MIB = 1024 * 1024;

export async function availableMiB(folder: string): Promise<number> {
  const { bavail, bsize } = await statfs(folder);
  return Math.floor((bavail * bsize) / MIB);
}

/** Rejects with LAB_DISK_FULL when fewer than `neededMiB` are free. */
export async function requireSpace(folder: string, neededMiB: number): Promise<void> {
  if ((await availableMiB(folder)) < neededMiB) throw await diskFull(folder, neededMiB);
}

export async function diskFull(folder: string, neededMiB: number, cause?: unknown): Promise<LabError> {
  return new LabError({
    code: 'LAB_DISK_FULL',
    blame: 'host',
    message: `no space to build an image in '${folder}': needed ${neededMiB} MiB, available ${await availableMiB(folder)} MiB`,
    next: 'free space there, remove images that are no longer used (`image list`, `image remove`), or choose another cache folder with WSKLAB_CACHE',
    cause,
  });
}

/** Node's own error, or that of a program whose last words are in the message. */
export function isDiskFull(error: unknown): boolean {
  if ((error as NodeJS.ErrnoException).code === 'ENOSPC') return true;
  return error instanceof Error && /no space left on device|ENOSPC/i.test(error.message);
}

/** Less than this is none: a program may fail over the last bytes in words of its own. */
const NONE_MIB = 4;

export async function hasNoSpace(folder: string): Promise<boolean> {
  return (await availableMiB(folder)) < NONE_MIB;
}
