/** Where things are: the project's root, the cache folder, the folder for runs. */
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import envPaths from 'env-paths';

/** The checkout's root: the folder that holds package.json. */
export const projectRoot = findRoot(dirname(fileURLToPath(import.meta.url)));

/** Images, keys and templates, shared by all checkouts; WSKLAB_CACHE overrides it. */
export function cacheFolder(): string {
  return process.env['WSKLAB_CACHE'] ?? envPaths('wsklab', { suffix: '' }).cache;
}

function findRoot(folder: string): string {
  if (existsSync(join(folder, 'package.json'))) return folder;
  return findRoot(dirname(folder));
}
