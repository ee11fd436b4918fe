/** Processes that are killed, stopped, interrupted, or left without memory. */
import { setTimeout as delay } from 'node:timers/promises';
import type { Fault, StruckSetting } from './fault.ts';
import { isClients, isHolder, isQemu, type MarkedProcess } from './marked-processes.ts';
import { MemoryGroup, noMemoryGroup } from './memory-group.ts';
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
  'no-memory': {
    what: 'the lab, its clients and its machines get hardly any more memory',
    phases: ANY,
    impossible: noMemoryGroup,
    strike: ({ lab, draw, repair }) => {
      const group = new MemoryGroup(4 + draw.below('MiB', 200));
      repair.push('the memory group', () => group[Symbol.asyncDispose]());
      for (const { pid } of [lab, ...lab.processes()]) group.add(pid);
    },
    // The kernel kills the largest of them.
    allows: { signals: ['SIGKILL'], blames: ['host', 'lab'], mayLackResult: true },
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
