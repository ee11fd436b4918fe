/** A disk that can be filled: a tmpfs on a folder, filled to its last byte when asked. */
import { readFileSync } from 'node:fs';
import { mkdir, open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';

const FILLER = '.filler';
const CHUNK = Buffer.alloc(1024 * 1024, 0xa5);

/** Rejects where mounting is not allowed. */
export async function mountSmallDisk(folder: string, sizeMiB: number): Promise<SmallDisk> {
  await mkdir(folder, { recursive: true });
  await execa('mount', ['-t', 'tmpfs', '-o', `size=${sizeMiB}m,mode=755`, 'wsklab-faults', folder]);
  return new SmallDisk(folder);
}

export class SmallDisk {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
  }

  async fill(): Promise<void> {
    await using file = await open(join(this.#folder, FILLER), 'w');
    for (let bytes = CHUNK.length; bytes >= 1;) {
      try {
        await file.write(CHUNK, 0, bytes);
        // What the lab frees meanwhile is not filled byte by byte.
        bytes = Math.min(2 * bytes, CHUNK.length);
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
        bytes = Math.floor(bytes / 2);
      }
    }
  }

  async empty(): Promise<void> {
    await rm(join(this.#folder, FILLER), { force: true });
  }

  async unmount(): Promise<void> {
    await execa('umount', ['--lazy', this.#folder]);
  }
}

/** What a campaign that was killed left mounted. */
export async function unmountBelow(folder: string): Promise<void> {
  const mounts = readFileSync('/proc/self/mounts', 'utf8').matchAll(/^wsklab-faults (\S+) tmpfs /gm);
  for (const [, path] of mounts) if (path!.startsWith(`${folder}/`)) await execa('umount', ['--lazy', path!]);
}
