/**
 * Where a part is built before it is whole. The folder's name says which process builds, so that what a dead one
 * left can be told from what a living one is at, and removed.
 */
import { mkdir, readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { processStartTime } from '../machine/process-identity.ts';

let made = 0;

export class BuildFolder implements AsyncDisposable {
  readonly path: string;
  /** It stays until it is finished. */
  readonly #isKept: boolean;

  private constructor(path: string, isKept = false) {
    this.path = path;
    this.#isKept = isKept;
  }

  /** A folder that the next builder finds again under the same name. Only who holds a lock may ask for one. */
  static async keep(parent: string, name: string): Promise<BuildFolder> {
    const path = join(parent, name);
    await mkdir(join(path, 'part'), { recursive: true, mode: 0o700 });
    return new BuildFolder(path, true);
  }

  static async create(parent: string): Promise<BuildFolder> {
    const path = join(parent, `${process.pid}-${processStartTime(process.pid)}-${++made}`);
    await mkdir(join(path, 'part'), { recursive: true, mode: 0o700 });
    return new BuildFolder(path);
  }

  /** What becomes the part; beside it there is room for temporary files. */
  get part(): string {
    return join(this.path, 'part');
  }

  /** The part appears under its name, whole or not at all. When another builder was faster, his counts. */
  async finish(destination: string): Promise<void> {
    try {
      await rename(this.part, destination);
    } catch (error) {
      if (!['ENOTEMPTY', 'EEXIST'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error;
    }
    if (this.#isKept) await rm(this.path, { recursive: true, force: true });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#isKept) return;
    await rm(this.path, { recursive: true, force: true });
  }
}

/** Whether a folder's name is that of a part of the image that is kept. */
export const keptOf = (image: string) => (name: string) =>
  name.startsWith(`${image}-`) && /^[0-9a-f]{16}$/.test(name.slice(image.length + 1));

/** Removes what is kept and not wanted, and returns the paths. */
export async function removeKept(parent: string, isUnwanted: (name: string) => boolean): Promise<string[]> {
  const names = (await readdir(parent).catch(() => [] as string[])).filter(isUnwanted);
  const paths = names.map((name) => join(parent, name));
  for (const path of paths) await rm(path, { recursive: true, force: true });
  return paths;
}

/** Removes the folders of builders that live no more, and returns their paths. */
export async function removeDeadBuilds(parent: string): Promise<string[]> {
  const names = await readdir(parent).catch(() => [] as string[]);
  const dead = names.filter((name) => {
    const [, pid, startTime] = /^(\d+)-(\d+)-\d+$/.exec(name) ?? [];
    return pid !== undefined && processStartTime(Number(pid)) !== startTime;
  });
  const paths = dead.map((name) => join(parent, name));
  for (const path of paths) await rm(path, { recursive: true, force: true });
  return paths;
}
