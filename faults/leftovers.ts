/** What a lab that has ended, however it did, must not have left once the next one has been there. */
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { MarkedProcesses } from './marked-processes.ts';
import type { OwnCache } from './own-cache.ts';

type Folders = Pick<OwnCache, 'path' | 'runs' | 'temporary'>;

/** What is there before a case begins. */
export interface Before {
  interfaces: readonly string[];
  namespaces: readonly string[];
  cache: readonly string[];
}

/** Folders of the cache that hold something only while a lab works. */
const WORKING = [
  'machines',
  'turns',
  'images/building',
  'templates/building',
  'images/locks',
  'templates/locks',
];

export function lookBefore(cache: Folders): Before {
  return { interfaces: taps(), namespaces: namespaceMounts(), cache: readdirSync(cache.path) };
}

/** In words, one for each thing. A namespace without a process is there only where it is mounted. */
export function leftovers(cache: Folders, { before, mark }: { before: Before; mark: string }): string[] {
  return [
    ...new MarkedProcesses(mark)
      .now()
      .map(({ pid, command }) => `process ${pid}: ${command.join(' ').slice(0, 80)}`),
    ...taps()
      .filter((name) => !before.interfaces.includes(name))
      .map((name) => `network interface ${name}`),
    ...namespaceMounts()
      .filter((path) => !before.namespaces.includes(path))
      .map((path) => `namespace ${path}`),
    ...filesLeft(cache, before.cache),
  ];
}

function filesLeft(cache: Folders, known: readonly string[]): string[] {
  const working = WORKING.flatMap((folder) => listed(join(cache.path, folder)).map((it) => join(folder, it)));
  const added = readdirSync(cache.path).filter((name) => !known.includes(name) && !WORKING.includes(name));
  const unfinished = [cache.path, cache.runs].flatMap((folder) =>
    (readdirSync(folder, { recursive: true }) as string[]).filter((name) => name.endsWith('.part')),
  );
  const temporary = listed(cache.temporary).filter((name) => !/^(tsx-|node-compile-cache)/.test(name));
  return [
    ...[...working, ...added].map((name) => `in the cache: ${name}`),
    ...unfinished.map((name) => `half-written: ${name}`),
    ...temporary.map((name) => `temporary: ${name}`),
  ];
}

const taps = (): string[] => readdirSync('/sys/class/net').filter((name) => name.startsWith('tap'));

function namespaceMounts(): string[] {
  return [...readFileSync('/proc/self/mounts', 'utf8').matchAll(/^nsfs (\S+) /gm)].map(([, path]) => path!);
}

function listed(folder: string): string[] {
  return existsSync(folder) ? readdirSync(folder) : [];
}
