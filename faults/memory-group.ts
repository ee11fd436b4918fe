/** A control group in which processes get so much more memory and no more: then the kernel kills one of them. */
import {
  accessSync,
  constants,
  existsSync,
  mkdirSync,
  readFileSync,
  rmdirSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

/** The hierarchy of version 1, where there is one, else the one of version 2 with the memory controller in it. */
const HIERARCHY = [
  { root: '/sys/fs/cgroup/memory', limit: 'memory.limit_in_bytes', needs: 'memory.limit_in_bytes' },
  { root: '/sys/fs/cgroup', limit: 'memory.max', needs: 'cgroup.subtree_control' },
].find(({ root, needs }) => existsSync(join(root, needs)));

/** For the processes of a lab that has ended to be gone. */
const EMPTY_MS = 5_000;

/** Why there can be none here. */
export function noMemoryGroup(): string | undefined {
  try {
    if (HIERARCHY === undefined) return 'there is no memory control group here';
    const { root, limit, needs } = HIERARCHY;
    accessSync(root, constants.W_OK);
    const has = limit === needs || readFileSync(join(root, needs), 'utf8').includes('memory');
    return has ? undefined : 'the memory controller is off';
  } catch {
    return 'control groups cannot be made here: needs root';
  }
}

/** What the processes have already is not counted (version 1), or is (version 2): then it is too much at once. */
export class MemoryGroup implements AsyncDisposable {
  readonly #folder: string;

  constructor(limitMiB: number) {
    const { root, limit } = HIERARCHY!;
    this.#folder = join(root, `wsklab-faults-${process.pid}`);
    mkdirSync(this.#folder, { recursive: true });
    writeFileSync(join(this.#folder, limit), `${limitMiB * 1024 * 1024}`);
  }

  add(pid: number): void {
    try {
      writeFileSync(join(this.#folder, 'cgroup.procs'), `${pid}`);
    } catch (error) {
      // It has ended.
      if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
    }
  }

  /** Waits until no process is in it any more. */
  async [Symbol.asyncDispose](): Promise<void> {
    for (const deadline = performance.now() + EMPTY_MS; ; await delay(20)) {
      try {
        return rmdirSync(this.#folder);
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'EBUSY' || performance.now() > deadline) throw error;
      }
    }
  }
}
