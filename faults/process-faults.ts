/** Processes that are killed, stopped, interrupted, or left without memory. */
import { readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { execa } from 'execa';
import type { Fault, StruckSetting } from './fault.ts';
import { isClients, isHolder, isQemu, type MarkedProcess } from './marked-processes.ts';
import type { PhaseName } from './moments.ts';

const ANY: readonly PhaseName[] = ['start', 'clone', 'trace', 'clients', 'end', 'second', 'template', 'boot'];
const WITH_QEMU: readonly PhaseName[] = ['clone', 'trace', 'clients', 'end', 'second', 'template', 'boot'];
const WITH_CLIENTS: readonly PhaseName[] = ['clients', 'trace', 'second'];

export const processFaults: Record<string, Fault> = {
  'kill-lab': {
    what: 'kill -9 of the lab',
    phases: ANY,
    strike: ({ lab }) => lab.kill('SIGKILL'),
    allows: { signals: ['SIGKILL'], mayLackResult: true },
  },
  'kill-qemu': {
    what: 'kill -9 of a QEMU',
    phases: WITH_QEMU,
    strike: (setting) => toOne(setting, isQemu, ({ pid }) => void process.kill(pid, 'SIGKILL')),
    allows: { blames: ['host'] },
  },
  'kill-clients': {
    what: 'kill -9 of the process that holds the clients',
    phases: WITH_CLIENTS,
    strike: (setting) => toOne(setting, isClients, ({ pid }) => void process.kill(pid, 'SIGKILL')),
    allows: { blames: ['host', 'lab'] },
  },
  'kill-network': {
    what: 'kill -9 of the process that holds a network namespace',
    phases: WITH_QEMU,
    strike: (setting) => toOne(setting, isHolder, ({ pid }) => void process.kill(pid, 'SIGKILL')),
    allows: { blames: ['host', 'lab'] },
  },
  'stop-qemu': {
    what: 'SIGSTOP of a QEMU',
    phases: WITH_QEMU,
    strike: (setting) => toOne(setting, isQemu, ({ pid }) => void process.kill(pid, 'SIGSTOP')),
    allows: { blames: ['host', 'guest'] },
  },
  'ctrl-c': {
    what: 'Ctrl-C',
    phases: ANY,
    strike: ({ lab }) => lab.killGroup('SIGINT'),
    // Until it listens to it, it ends as any program does.
    allows: { interrupted: [130], signals: ['SIGINT'], mayLackResult: true },
  },
  'ctrl-c-twice': {
    what: 'Ctrl-C, and once more',
    phases: ANY,
    strike: async ({ lab, draw, over }) => {
      lab.killGroup('SIGINT');
      await delay(draw.below('second Ctrl-C', 1500), undefined, { signal: over }).catch(() => undefined);
      lab.killGroup('SIGINT');
    },
    allows: { interrupted: [130], signals: ['SIGINT'], mayLackResult: true },
  },
  'no-memory-qemu': {
    what: 'a QEMU gets no more memory',
    phases: WITH_QEMU,
    strike: (setting) => toOne(setting, isQemu, ({ pid }) => noMoreMemory(pid)),
    allows: { blames: ['host', 'guest', 'lab'] },
  },
  'no-memory-lab': {
    what: 'the lab gets no more memory',
    phases: ANY,
    strike: ({ lab }) => noMoreMemory(lab.pid),
    // Node.js says "out of memory" and ends itself by one of these.
    allows: {
      signals: ['SIGTRAP', 'SIGABRT', 'SIGILL', 'SIGSEGV'],
      blames: ['host', 'lab'],
      mayLackResult: true,
    },
  },
};

async function toOne(
  { lab, draw }: StruckSetting,
  wanted: (process: MarkedProcess) => boolean,
  act: (process: MarkedProcess) => Promise<void> | void,
): Promise<boolean> {
  const found = lab.processes().filter(wanted);
  if (found.length === 0) return false;
  try {
    await act(draw.pick('process', found));
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return false;
    throw error;
  }
}

/** What it has mapped is all that it gets: prlimit(2) from outside. */
async function noMoreMemory(pid: number): Promise<void> {
  const status = readFileSync(`/proc/${pid}/status`, 'latin1');
  const kiB = Number(/^VmSize:\s+(\d+) kB$/m.exec(status)?.[1]);
  await execa('prlimit', ['--pid', `${pid}`, `--as=${kiB * 1024}`]);
}
