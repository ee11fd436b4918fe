/**
 * The processes of a lab that the campaign started: they carry a mark in their PATH, which every part of the lab hands
 * on, also to programs that run as another user, in another session, or as nobody's child.
 */
import { readFileSync, readdirSync } from 'node:fs';
import { isKernelThread, processStartTime } from '../lab/machine/process-identity.ts';

export interface MarkedProcess {
  pid: number;
  command: string[];
}

/** A folder that is not there: as the last one of PATH it changes nothing. */
export const markOf = (name: string): string => `/wsklab-faults/${name}`;

export class MarkedProcesses {
  readonly #mark: string;
  /** Without the mark, and a process does not get it later: reading everybody's environment costs more than a lab does. */
  #strangers = new Set<number>();

  constructor(mark: string) {
    this.#mark = mark;
  }

  now(): MarkedProcess[] {
    const present = pids();
    this.#strangers = new Set(present.filter((pid) => this.#strangers.has(pid)));
    return present
      .filter((pid) => !this.#strangers.has(pid) && this.#isMarked(pid))
      .filter((pid) => processStartTime(pid) !== undefined)
      .map((pid) => ({ pid, command: read(`/proc/${pid}/cmdline`).split('\0').slice(0, -1) }));
  }

  #isMarked(pid: number): boolean {
    const environment = read(`/proc/${pid}/environ`);
    const isMarked = environment.split(/[\0:]/).includes(this.#mark);
    // One that is just becoming another program has none for a moment.
    if (!isMarked && (environment !== '' || isKernelThread(pid))) this.#strangers.add(pid);
    return isMarked;
  }
}

/** One that holds a guest: others only say their version, or run the program that tries KVM. */
export const isQemu = (process: MarkedProcess): boolean =>
  /qemu-system-\w+$/.test(process.command[0] ?? '') && process.command.some((word) => word.includes('disk0'));
export const isClients = ({ command }: MarkedProcess): boolean =>
  command.some((word) => word.endsWith('client/worker.ts'));
export const isHolder = ({ command }: MarkedProcess): boolean =>
  /node$/.test(command[0] ?? '') && command.some((word) => word.endsWith('namespace-holder.mjs'));

/** The descriptor of one of QEMU's channels, by the name that its command line gives it. */
export function channelDescriptor({ command }: MarkedProcess, channel: string): number | undefined {
  const words = command.map((word) => new RegExp(`^socket,id=${channel},fd=(\\d+)$`).exec(word));
  const found = words.find((word) => word !== null)?.[1];
  return found === undefined ? undefined : Number(found);
}

function pids(): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number);
}

/** What has ended, or is not ours to read, has nothing to say. */
function read(path: string): string {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return '';
  }
}
