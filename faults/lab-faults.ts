/** What the driver, the clock, and other labs on the same cache do to a run. */
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { SCENARIOS } from './moments.ts';
import type { Fault } from './fault.ts';

/** Debian's package faketime, by architecture. */
const FAKETIME = ['x86_64', 'aarch64']
  .map((architecture) => `/usr/lib/${architecture}-linux-gnu/faketime/libfaketime.so.1`)
  .find((path) => existsSync(path));
/** Labs at once, in `crowd`. */
const CROWD = 20;

export const labFaults: Record<string, Fault> = {
  'driver-crash': {
    what: 'the driver crashes in a callback',
    phases: ['start'],
    command: () => ['run', 'one-connection', '--driver', 'crash-in-callback'],
    allows: { driverFault: 'LAB_DRIVER_CRASH' },
  },
  'expected-crashes': {
    what: 'the driver crashes as its scenario says',
    phases: ['start'],
    scenarios: ['faults/crash-in-callback', 'faults/crash-on-load', 'faults/crash-on-unload'],
    command: () => ['run', 'crash-in-callback', 'crash-on-load', 'crash-on-unload'],
    allows: {},
  },
  'ring-overflow': {
    what: "the recorder's ring is too small for what happens",
    phases: ['start'],
    scenarios: ['faults/ring-too-small'],
    command: () => ['run', 'ring-too-small'],
    allows: {},
  },
  'clock-jumps': {
    what: "the host's clock jumps by an hour",
    phases: ['start', 'clone', 'trace', 'clients', 'end', 'second', 'template'],
    impossible: () => (FAKETIME === undefined ? 'needs libfaketime: apt-get install faketime' : undefined),
    env: ({ temporary }) => ({
      ...{ LD_PRELOAD: FAKETIME ?? '', FAKETIME_TIMESTAMP_FILE: join(temporary, 'faketime') },
      ...{ FAKETIME_NO_CACHE: '1', FAKETIME_DONT_FAKE_MONOTONIC: '1' },
    }),
    prepare: ({ cache, repair }) => {
      writeFileSync(join(cache.temporary, 'faketime'), '+0');
      repair.push('the clock', () => cache.removeTemporary());
      return Promise.resolve();
    },
    strike: ({ cache, draw }) =>
      writeFileSync(join(cache.temporary, 'faketime'), draw.pick('hour', ['+3600', '-3600'])),
    allows: {},
  },
  'two-labs': {
    what: 'another lab starts on the same cache',
    phases: ['start', 'clone', 'trace', 'template'],
    strike: ({ startCompanion }) => void startCompanion(),
    allows: {},
  },
  'two-labs-one-killed': {
    what: 'two labs share a cache, and one is killed',
    phases: ['start', 'clone', 'trace', 'template'],
    prepare: ({ startCompanion }) => Promise.resolve(void startCompanion()),
    strike: ({ lab }) => lab.kill('SIGKILL'),
    allows: { signals: ['SIGKILL'], mayLackResult: true },
  },
  crowd: {
    what: `${CROWD} labs at once on the same cache`,
    phases: ['start', 'template'],
    lasts: true,
    strike: ({ startCompanion }) => {
      for (let count = 1; count < CROWD; count++) startCompanion();
    },
    allows: {},
  },
};

export const companionCommand = (): string[] => ['run', SCENARIOS[0]];
