/** The folder of one run: everything that a run leaves for people and for later checks. */
import { mkdirSync } from 'node:fs';
import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { processStartTime } from '../machine/process-identity.ts';

/**
 * A scenario's part of a run. `check` reads the same files again:
 *
 *     trace/          CTF 1.8: metadata and stream_0
 *     wire.pcap       what passed the guest's NIC meanwhile
 *     clients.json    the clients' operations and how host time relates to trace time
 *     driver.sys      the driver as it was deployed: imports redirected, signed
 */
export interface ScenarioFolder {
  path: string;
  trace: string;
  wire: string;
  clients: string;
}

export class RunFolder {
  readonly path: string;

  /** Makes `runs/<UTC time>-<pid>` below `parent`. */
  constructor(parent: string, now: Date = new Date()) {
    const stamp = now.toISOString().replaceAll(/[-:]/g, '').slice(0, 15);
    this.path = join(parent, `${stamp}-${process.pid}`);
    mkdirSync(this.path, { recursive: true });
  }

  /** A machine's own folder: console log, QEMU's words, its overlay. */
  machine(ordinal: number): string {
    return this.#make(`machine-${ordinal}`);
  }

  scenario(slug: string): ScenarioFolder {
    return scenarioFolder(this.#make(slug));
  }

  #make(name: string): string {
    const path = join(this.path, name);
    mkdirSync(path, { recursive: true });
    return path;
  }
}

export function scenarioFolder(path: string): ScenarioFolder {
  return {
    path,
    trace: join(path, 'trace'),
    wire: join(path, 'wire.pcap'),
    clients: join(path, 'clients.json'),
  };
}

const NAME = /^\d{8}T\d{6}-(\d+)$/;

/**
 * Keeps the newest run folders below `folder`, and those of runs that have not ended: when the clock was set back, the
 * newest has the oldest name.
 */
export async function removeOldRuns({ folder, keep }: { folder: string; keep: number }): Promise<void> {
  const names = (await readdir(folder)).filter((name) => NAME.test(name)).sort();
  const ended = names.slice(0, -keep).filter((name) => !isRunning(name));
  for (const name of ended) await rm(join(folder, name), { recursive: true, force: true });
}

const isRunning = (name: string): boolean => processStartTime(Number(NAME.exec(name)?.[1])) !== undefined;
