/** The folder of one run: everything that a run leaves for people and for later checks. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';

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
