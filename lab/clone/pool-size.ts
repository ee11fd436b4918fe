/** How many guests at once, and how many clones ahead, a host can bear. */
import { availableParallelism, freemem } from 'node:os';
import type { AcceleratorName } from '../machine/qemu-arguments.ts';

export interface PoolSize {
  /** Restored and paused: a few milliseconds from running. */
  paused: number;
  /** QEMU processes without a state: some ten milliseconds from running, and hardly any memory. */
  waiting: number;
}

export interface HostResources {
  cores: number;
  freeMiB: number;
}

/** What a clone holds of its own after a scenario: pages that it wrote, and QEMU with its translated code. */
const CLONE_MIB = 300;
/** For everything else that runs here. */
const RESERVED_MIB = 1024;

export function hostResources(): HostResources {
  return { cores: availableParallelism(), freeMiB: Math.floor(freemem() / 2 ** 20) };
}

/**
 * Guests that run at the same time. An emulated guest keeps a core busy and its clients half of another one; with KVM
 * a guest mostly waits.
 */
export function defaultJobs(
  accelerator: AcceleratorName,
  { cores, freeMiB }: HostResources = hostResources(),
): number {
  const byCores = accelerator === 'kvm' ? cores : Math.max(1, Math.floor(cores * 0.75));
  const byMemory = Math.floor((freeMiB - RESERVED_MIB) / CLONE_MIB / 2);
  return Math.max(1, Math.min(byCores, byMemory));
}

/** One paused clone for each job, as each will ask for its next guest at some time; a waiting one behind the first. */
export function poolSize(jobs: number, { freeMiB }: HostResources = hostResources()): PoolSize {
  const room = Math.max(0, Math.floor((freeMiB - RESERVED_MIB) / CLONE_MIB) - jobs);
  return { paused: Math.min(jobs, room), waiting: room > jobs ? 1 : 0 };
}
