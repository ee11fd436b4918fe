/**
 * The folder of one machine while it lives: its overlays, and which processes belong to it. The folder's name says
 * which lab process owns it, so that the next lab can tell what a dead one left, and remove it.
 */
import { mkdir, readFile, readdir, rm, appendFile } from 'node:fs/promises';
import { join } from 'node:path';
import { LabError } from '../errors.ts';
import { cacheFolder } from '../project.ts';
import { processStartTime } from './process-identity.ts';

let created = 0;

export function machinesFolder(): string {
  return join(cacheFolder(), 'machines');
}

export class MachineFolder implements AsyncDisposable {
  readonly path: string;

  private constructor(path: string) {
    this.path = path;
  }

  static async create(parent = machinesFolder()): Promise<MachineFolder> {
    const path = join(parent, `${process.pid}-${processStartTime(process.pid)}-${++created}`);
    try {
      await mkdir(path, { recursive: true, mode: 0o700 });
    } catch (cause) {
      throw new LabError({
        code: (cause as NodeJS.ErrnoException).code === 'ENOSPC' ? 'LAB_DISK_FULL' : 'LAB_CACHE_UNUSABLE',
        blame: 'host',
        message: `could not create the machine's folder '${path}': ${(cause as Error).message}`,
        next: 'free space or rights there, or choose another cache folder with WSKLAB_CACHE',
        cause,
      });
    }
    return new MachineFolder(path);
  }

  /** Notes a process of this machine, for the lab that may have to clean up after this one. */
  async adopt(name: string, pid: number): Promise<void> {
    await appendFile(join(this.path, 'processes'), `${pid} ${processStartTime(pid)} ${name}\n`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await rm(this.path, { recursive: true, force: true });
  }
}

export interface StaleMachine {
  folder: string;
  /** What still ran, and was killed: 'qemu 4711'. */
  killed: string[];
}

/** Removes what dead labs left: their machines' processes and folders. Namespaces end with their processes. */
export async function removeStaleMachines(parent = machinesFolder()): Promise<StaleMachine[]> {
  const names = await readdir(parent).catch(() => []);
  const stale: StaleMachine[] = [];
  for (const name of names) {
    const [, pid, startTime] = name.match(/^(\d+)-(\d+)-\d+$/) ?? [];
    if (pid === undefined || processStartTime(Number(pid)) === startTime) continue;
    const folder = join(parent, name);
    const killed = await killProcesses(join(folder, 'processes'));
    await rm(folder, { recursive: true, force: true });
    stale.push({ folder, killed });
  }
  return stale;
}

async function killProcesses(list: string): Promise<string[]> {
  const lines = (await readFile(list, 'utf8').catch(() => '')).split('\n').filter((line) => line !== '');
  const killed: string[] = [];
  for (const line of lines) {
    const [pid, startTime, name] = line.split(' ');
    if (processStartTime(Number(pid)) !== startTime) continue;
    try {
      process.kill(Number(pid), 'SIGKILL');
      killed.push(`${name} ${pid}`);
    } catch {
      // It ended by itself meanwhile, or is another user's, whose lab will clean up.
    }
  }
  return killed;
}
