import { readFile, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { ArchiveFile } from './initrd-archive.ts';

/** The regular files of a folder with their right to execute, in the same order everywhere. */
export async function filesBelow(folder: string, prefix = ''): Promise<ArchiveFile[]> {
  const names = (await readdir(join(folder, prefix), { withFileTypes: true })).sort((a, b) =>
    a.name < b.name ? -1 : 1,
  );
  const files: ArchiveFile[] = [];
  for (const entry of names) {
    const path = prefix === '' ? entry.name : `${prefix}/${entry.name}`;
    if (entry.isDirectory()) files.push(...(await filesBelow(folder, path)));
    else {
      const { mode } = await stat(join(folder, path));
      const content = await readFile(join(folder, path));
      files.push({ path, content, mode: mode & 0o100 ? 0o755 : 0o644 });
    }
  }
  return files;
}
