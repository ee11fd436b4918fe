/** One at a time, over all lab processes on this host: who builds an image, a template, or the drivers. */
import { mkdir, readdir, rmdir, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { lock } from 'proper-lockfile';

/** A holder that has not touched its lock for so long is dead. */
const STALE_MS = 10_000;
const RETRY_MS = 250;

/** Runs `work` holding the lock; `onWait` is told once when another process holds it. */
export async function whileLocked<T>(
  path: string,
  work: () => Promise<T>,
  { onWait, signal }: { onWait?: () => void; signal?: AbortSignal | undefined } = {},
): Promise<T> {
  await mkdir(dirname(path), { recursive: true });
  const release = await acquire(path, onWait, signal);
  try {
    return await work();
  } finally {
    // A lock that was taken from us (this process slept for longer than STALE_MS) is no longer ours to release.
    await release().catch(() => undefined);
  }
}

/** Removes the locks of holders that are dead: one that nobody asks for again would stay. */
export async function removeDeadLocks(folder: string): Promise<void> {
  const names = await readdir(folder).catch(() => [] as string[]);
  for (const name of names.filter((each) => each.endsWith('.lock'))) {
    const lockFolder = join(folder, name);
    const { mtimeMs } = await stat(lockFolder).catch(() => ({ mtimeMs: Infinity }));
    // Whoever takes it over meanwhile loses it, which is harmless: see below.
    if (Date.now() - mtimeMs > STALE_MS) await rmdir(lockFolder).catch(() => undefined);
  }
}

async function acquire(
  path: string,
  onWait: (() => void) | undefined,
  signal: AbortSignal | undefined,
): Promise<() => Promise<void>> {
  for (let attempt = 0; ; attempt++) {
    signal?.throwIfAborted();
    try {
      // Losing the lock is harmless: a part appears by rename, and the first one counts.
      return await lock(path, { realpath: false, stale: STALE_MS, onCompromised: () => undefined });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ELOCKED') throw error;
    }
    if (attempt === 0) onWait?.();
    await delay(RETRY_MS, undefined, { signal }).catch(() => signal?.throwIfAborted());
  }
}
