/** A key that is the same whenever the content is the same: names, bytes and the right to execute. */
import { createHash } from 'node:crypto';
import { readdir, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { sha256OfFile } from './file-digest.ts';

/** SHA-256, hex. `entries` are files and folders; where they lie does not count, their own names do. */
export async function contentKey(
  entries: Iterable<{ name: string; path: string }>,
  ...words: string[]
): Promise<string> {
  const hash = createHash('sha256');
  for (const word of words) hash.update(`word ${word}\n`);
  const sorted = [...entries].sort((a, b) => (a.name < b.name ? -1 : 1));
  for (const { name, path } of sorted) hash.update(await describe(name, path));
  return hash.digest('hex');
}

/** For sources, which are known by their own name. */
export function named(path: string): { name: string; path: string } {
  return { name: basename(path), path };
}

async function describe(name: string, path: string): Promise<string> {
  const { mode } = await stat(path);
  const isFolder = (mode & 0o170000) === 0o040000;
  if (!isFolder) {
    const digest = await sha256OfFile(path);
    return `file ${JSON.stringify(name)} ${mode & 0o100 ? 'x' : '-'} ${digest}\n`;
  }
  const names = (await readdir(path)).sort();
  const inside = await Promise.all(names.map((entry) => describe(join(name, entry), join(path, entry))));
  return `folder ${JSON.stringify(name)} ${names.length}\n${inside.join('')}`;
}
