/** Disks that are full, and files in which a bit has turned. */
import { existsSync } from 'node:fs';
import { cp, open, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { isRoot } from '../lab/machine/launch.ts';
import type { Fault, HonestEnds, Setting } from './fault.ts';
import type { PhaseName } from './moments.ts';
import type { OwnCache } from './own-cache.ts';
import { mountSmallDisk, type SmallDisk } from './small-disk.ts';

const IN_A_RUN: readonly PhaseName[] = ['start', 'clone', 'trace', 'clients', 'end', 'second'];

export const fileFaults: Record<string, Fault> = {
  'disk-full-runs': {
    ...fullDisk('the disk of the run folders', ({ runs }) => runs, 64),
    phases: IN_A_RUN,
    allows: { blames: ['host'], isDiskFull: true },
  },
  'disk-full-machines': {
    ...fullDisk('the disk of the overlays', ({ machines }) => machines, 64),
    phases: [...IN_A_RUN, 'boot'],
    allows: { blames: ['host'] },
  },
  'disk-full-templates': {
    ...fullDisk('the disk of the templates, while one is made', ({ templates }) => templates, 1500),
    phases: ['template'],
    allows: { blames: ['host'] },
  },
  'flip-ram': templateFlip("the template's RAM file", 'ram'),
  'flip-state': templateFlip("the template's device state", 'state'),
  'flip-overlay': templateFlip("the template's disk overlay", 'disk0.qcow2'),
  'flip-base': {
    what: 'a bit turns in the base image',
    phases: ['before', ...IN_A_RUN],
    strike: (setting) => flip(setting, setting.cache.baseImage),
    allows: { blames: ['host', 'guest'], says: saysBefore(/disk\.qcow2/) },
  },
  'flip-trace': {
    what: 'a bit turns in the evidence of a run, which is then judged again',
    phases: ['before'],
    command: ({ cache }) => ['check', brokenCopy(cache), '--json', join(cache.temporary, 'check.json')],
    prepare: async ({ cache, repair }) => {
      await cp(cache.healthyScenario, brokenCopy(cache), { recursive: true });
      repair.push('the copy', () => cache.removeTemporary());
    },
    strike: (setting) => {
      const files = ['trace/stream_0', 'trace/metadata', 'wire.pcap', 'clients.json'];
      return flip(setting, join(brokenCopy(setting.cache), setting.draw.pick('file', files)));
    },
    allows: { blames: ['usage', 'host', 'lab'] },
  },
};

const brokenCopy = (cache: OwnCache): string => join(cache.temporary, 'check');

function fullDisk(
  what: string,
  folderOf: (cache: OwnCache) => string,
  sizeMiB: number,
): Pick<Fault, 'what' | 'impossible' | 'prepare' | 'strike'> {
  const disks = new WeakMap<Setting['undo'], SmallDisk>();
  return {
    what: `${what} is full`,
    impossible: () => (isRoot ? undefined : 'mounting a small disk needs root'),
    prepare: async ({ cache, undo, repair }) => {
      const disk = await mountSmallDisk(folderOf(cache), sizeMiB);
      disks.set(undo, disk);
      undo.push('the small disk', () => disk.unmount());
      repair.push('the full disk', () => disk.empty());
    },
    strike: ({ undo }) => disks.get(undo)!.fill(),
  };
}

function templateFlip(what: string, file: string): Fault {
  return {
    what: `a bit turns in ${what}`,
    phases: ['before', ...IN_A_RUN],
    strike: (setting) => flip(setting, join(setting.cache.template ?? '/nowhere', file)),
    allows: { blames: ['host', 'guest'], says: saysBefore(/made again/) },
  };
}

/** What was broken before the lab started, it has to have noticed. */
function saysBefore(words: RegExp): NonNullable<HonestEnds['says']> {
  return (phase) => (phase === 'before' ? words : undefined);
}

const HOLE_BYTES = 4096;

/** Turns one bit outside of holes, and back if the file is still there. */
async function flip({ draw, repair }: Setting, path: string): Promise<boolean> {
  if (!existsSync(path)) return false;
  const { size, ino } = await stat(path);
  for (let attempt = 0; attempt < 10_000; attempt++) {
    const place = draw.below(`place ${attempt}`, size);
    if (!(await isUsed(path, place))) continue;
    const mask = 1 << draw.below('bit', 8);
    await turn(path, place, mask);
    repair.push('the bit', async () => {
      if (existsSync(path) && (await stat(path)).ino === ino) await turn(path, place, mask);
    });
    return true;
  }
  return false;
}

async function isUsed(path: string, place: number): Promise<boolean> {
  await using file = await open(path, 'r');
  const page = Buffer.alloc(HOLE_BYTES);
  const { bytesRead } = await file.read(page, 0, HOLE_BYTES, place - (place % HOLE_BYTES));
  return page.subarray(0, bytesRead).some((byte) => byte !== 0);
}

async function turn(path: string, place: number, mask: number): Promise<void> {
  await using file = await open(path, 'r+');
  const byte = Buffer.alloc(1);
  await file.read(byte, 0, 1, place);
  byte[0]! ^= mask;
  await file.write(byte, 0, 1, place);
}
