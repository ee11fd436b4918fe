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

  private constructor(path: string) {
    this.path = path;
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
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await rm(this.path, { recursive: true, force: true });
  }
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
