/** Where a disk image has content, so that Setup copies no empty space. */
import { open } from 'node:fs/promises';

export interface Run {
  beginMiB: number;
  lengthMiB: number;
}

const MIB = 1024 * 1024;

/** Of a file: its runs of MiB that are not all zeros. */
export async function usedMiB(path: string): Promise<Run[]> {
  await using file = await open(path);
  const buffer = Buffer.alloc(MIB);
  const zeros = Buffer.alloc(MIB);
  const runs: Run[] = [];
  for (let at = 0; ; at++) {
    const { bytesRead } = await file.read(buffer, 0, MIB, at * MIB);
    if (bytesRead === 0) return runs;
    if (buffer.subarray(0, bytesRead).equals(zeros.subarray(0, bytesRead))) continue;
    const last = runs.at(-1);
    if (last && last.beginMiB + last.lengthMiB === at) last.lengthMiB++;
    else runs.push({ beginMiB: at, lengthMiB: 1 });
  }
}

/** For Setup on the medium: BEGIN LENGTH, a line each. */
export const mapLines = (runs: readonly Run[]): string =>
  runs.map(({ beginMiB, lengthMiB }) => `${beginMiB} ${lengthMiB}\n`).join('');
