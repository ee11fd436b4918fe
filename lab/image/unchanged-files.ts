/** The files that a guest runs on: what it did says nothing when somebody has written to them meanwhile. */
import { stat } from 'node:fs/promises';
import { LabError } from '../errors.ts';

export class UnchangedFiles {
  readonly #written: ReadonlyMap<string, string>;

  /** As they are now, which is before the guest. */
  static async of(paths: readonly string[]): Promise<UnchangedFiles> {
    const noted = paths.map(async (path) => [path, await written(path)] as const);
    return new UnchangedFiles(new Map(await Promise.all(noted)));
  }

  private constructor(noted: ReadonlyMap<string, string>) {
    this.#written = noted;
  }

  /** Rejects with LAB_FILE_CHANGED. */
  async require(): Promise<void> {
    for (const [path, before] of this.#written) {
      if ((await written(path).catch(() => '')) === before) continue;
      throw new LabError({
        code: 'LAB_FILE_CHANGED',
        blame: 'host',
        message: `'${path}' was changed while a guest ran on it`,
        next: 'run again: the file is checked at the start, and made again if it has to be',
        evidence: [path],
      });
    }
  }
}

/** The time of the last change counts links too, and images share their base's files by links: it says too much here. */
async function written(path: string): Promise<string> {
  const { dev, ino, size, mtimeNs } = await stat(path, { bigint: true });
  return [dev, ino, size, mtimeNs].join(':');
}
