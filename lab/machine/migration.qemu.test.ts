import assert from 'node:assert/strict';
import { once } from 'node:events';
import {
  chmodSync,
  chownSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isRoot, QEMU_UID } from './launch.ts';
import { MachineFolder } from './machine-folder.ts';
import { restoreState, saveState, setCapabilities } from './migration.ts';
import type { MachineSettings } from './qemu-arguments.ts';
import { startMachine, type RunningMachine } from './qemu-process.ts';

/** Counts in RAM the bytes that come over COM2, and answers each with the count. Mapped at F0000h. */
const COUNTER = [
  '31c0', // 00 xor ax, ax
  '8ed8', // 02 mov ds, ax
  'c606001000', // 04 mov byte [1000h], 0
  'bafd02', // 09 mov dx, 2fdh (line status)
  'ec', // 0c in al, dx
  'a801', // 0d test al, 1
  '74f8', // 0f jz 09
  'baf802', // 11 mov dx, 2f8h
  'ec', // 14 in al, dx
  'fe060010', // 15 inc byte [1000h]
  'a00010', // 19 mov al, [1000h]
  'ee', // 1c out dx, al
  'ebea', // 1d jmp 09
].join('');
const MEMORY_MIB = 16;

describe('a machine whose state is saved and restored', function () {
  this.timeout(60_000);
  let scratch: string;
  let folder: MachineFolder;
  let ram: string;
  let state: string;
  let socketFolder: string;
  beforeEach(async () => {
    scratch = mkdtempSync(join(tmpdir(), 'migration-'));
    folder = await MachineFolder.create(join(scratch, 'machines'));
    const image = Buffer.alloc(64 * 1024);
    image.write(COUNTER, 0, 'hex');
    image.write('e90d00', 0xfff0, 'hex');
    writeFileSync(join(scratch, 'firmware'), image);
    [ram, state, socketFolder] = ['ram', 'state', 'socket'].map((name) => join(scratch, name)) as [
      string,
      string,
      string,
    ];
    writeFileSync(ram, '');
    truncateSync(ram, MEMORY_MIB * 2 ** 20);
    mkdirSync(socketFolder);
    if (isRoot) chownSync(socketFolder, QEMU_UID, QEMU_UID);
  });
  afterEach(() => {
    rmSync(scratch, { recursive: true });
  });

  async function start(more: Partial<MachineSettings>): Promise<RunningMachine> {
    const settings: MachineSettings = {
      ...{ accelerator: 'tcg', cpu: 'Nehalem', cores: 1, memoryMiB: MEMORY_MIB, devices: 'baseline' },
      ...{ onReboot: 'exit', boot: { kind: 'firmware', file: join(scratch, 'firmware') } },
      ...more,
    };
    return await startMachine(settings, { folder, evidence: scratch });
  }

  async function save(): Promise<void> {
    const memory = { file: ram, writes: 'keep' as const };
    await using machine = await start({ memory, migration: { kind: 'save', folder: socketFolder } });
    for (const expected of [1, 2, 3]) assert.equal(await count(machine), expected);
    await saveState(machine, socketFolder, state);
  }

  async function waiting(): Promise<RunningMachine> {
    const memory = { file: ram, writes: 'discard' as const };
    const machine = await start({ memory, migration: { kind: 'restore', file: state } });
    await setCapabilities(machine);
    return machine;
  }

  it('goes on where it was, twice, each with memory of its own, and its channel still open', async () => {
    await save();
    const before = readFileSync(ram);
    await using first = await waiting();
    await using second = await waiting();
    for (const machine of [first, second]) {
      await restoreState(machine);
      assert.equal((await machine.qmp.execute<{ status: string }>('query-status')).status, 'paused');
      await machine.qmp.execute('cont');
    }
    assert.deepEqual([await count(first), await count(first), await count(second)], [4, 5, 4]);
    assert.ok(readFileSync(ram).equals(before), 'a clone wrote into the RAM that all share');
  });

  it('says what QEMU says of a state that it cannot read, and of one that is cut short', async () => {
    await save();
    const whole = readFileSync(state);
    chmodSync(state, 0o600);
    for (const [content, words] of [
      [Buffer.alloc(4096, 7), /QEMU ended: .*Not a migration stream/],
      [whole.subarray(0, whole.length / 2), /QEMU ended: ./],
    ] as const) {
      writeFileSync(state, content);
      await using machine = await waiting();
      await assert.rejects(restoreState(machine), { code: 'LAB_MIGRATION_FAILED', message: words });
    }
  });
});

/** Sends a byte and gives the answer's. */
async function count({ agent }: RunningMachine): Promise<number> {
  const answer = once(agent, 'data', { signal: AbortSignal.timeout(10_000) });
  agent.write('x');
  return ((await answer) as [Buffer])[0][0]!;
}
