/** What a lab that has ended, however it did, must not have left once the next one has been there. */
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { livesIn, markedProcesses } from './marked-processes.ts';
import type { OwnCache } from './own-cache.ts';

type Folders = Pick<OwnCache, 'path' | 'runs' | 'temporary'>;

/** What is there before a case begins. */
export interface Before {
  interfaces: readonly string[];
  cache: readonly string[];
}

/** Folders of the cache that hold something only while a lab works. */
const WORKING = ['machines', 'images/building', 'templates/building', 'images/locks', 'templates/locks'];

export function lookBefore(cache: Folders): Before {
  return { interfaces: taps(), cache: readdirSync(cache.path) };
}

/** In words, one for each thing. `namespaces` are those in which the lab's processes were seen. */
export function leftovers(
  cache: Folders,
  { before, mark, namespaces }: { before: Before; mark: string; namespaces: readonly string[] },
): string[] {
  return [
    ...markedProcesses(mark).map(({ pid, command }) => `process ${pid}: ${command.join(' ').slice(0, 80)}`),
    ...namespaces.flatMap((namespace) =>
      livesIn(namespace).map((pid) => `process ${pid} in the network namespace ${namespace}`),
    ),
    ...taps()
      .filter((name) => !before.interfaces.includes(name))
      .map((name) => `network interface ${name}`),
    ...filesLeft(cache, before.cache),
  ];
}

function filesLeft(cache: Folders, known: readonly string[]): string[] {
  const working = WORKING.flatMap((folder) => listed(join(cache.path, folder)).map((it) => join(folder, it)));
  const added = readdirSync(cache.path).filter((name) => !known.includes(name) && name !== 'machines');
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

function listed(folder: string): string[] {
  return existsSync(folder) ? readdirSync(folder) : [];
}
