import assert from 'node:assert/strict';
import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { dumpMemory, saveDisplay, saveMemoryPart, saveRegisters, sendNmi } from '../machine/guest-memory.ts';
import { MachineFolder } from '../machine/machine-folder.ts';
import { probeFirmware } from '../machine/probe-firmware.ts';
import { startMachine, type RunningMachine } from '../machine/qemu-process.ts';
import { RecordDecoder } from '../trace/decoder.ts';
import { encodeRecord } from '../trace/encoder.ts';
import { RingWriter } from './ring-image.fixture.ts';
import { readRingMemory, type RingRest } from './ring-memory.ts';

const MEMORY_MIB = 64;
const RING_ADDRESS = 0x123_4000n;
const DATA_BYTES = 65_536;

describe("a guest's memory from outside, with QEMU", function () {
  this.timeout(60_000);
  let scratch: string;
  let folder: MachineFolder;
  let machine: RunningMachine;
  let ring: Buffer;
  const records = Array.from({ length: 500 }, (_, time) =>
    encodeRecord(
      time === 0 ? { event: 'trace_start' } : { event: 'register_enter', time, block: 2n ** 64n - 1n },
    ),
  );

  before(async () => {
    scratch = mkdtempSync(join(tmpdir(), 'guest-memory-'));
    chmodSync(scratch, 0o755); // QEMU's loader opens the file by its name
    using writer = new RingWriter();
    ring = writer.memory(
      DATA_BYTES,
      records.map((write) => ({ write })),
    );
    writeFileSync(join(scratch, 'ring'), ring);
    const firmware = join(scratch, 'firmware.bin');
    writeFileSync(firmware, probeFirmware());
    folder = await MachineFolder.create(join(scratch, 'machines'));
    // It stands still before its first instruction, with the ring in its RAM.
    const place = `file=${join(scratch, 'ring')},addr=0x${RING_ADDRESS.toString(16)},force-raw=on`;
    machine = await startMachine(
      {
        ...{ accelerator: 'tcg', cpu: 'Nehalem', cores: 1, memoryMiB: MEMORY_MIB },
        ...{ devices: 'baseline', onReboot: 'exit', boot: { kind: 'firmware', file: firmware } },
        extra: ['-S', '-device', `loader,${place}`],
      },
      { folder, evidence: scratch },
    );
  });
  after(async () => {
    await machine?.[Symbol.asyncDispose]();
    rmSync(scratch, { recursive: true });
  });

  it('has the ring, which decodes to its last record', async () => {
    const file = join(scratch, 'ring-memory');
    await saveMemoryPart(machine, { address: RING_ADDRESS, bytes: ring.length }, file);
    const memory = readFileSync(file);
    assert.ok(memory.equals(ring));
    assert.equal(statSync(file).uid, process.getuid!());
    const rest = readRingMemory(memory, Buffer.concat(records.slice(0, 300)).length) as RingRest;
    assert.equal(rest.loss, undefined);
    const decoded = new RecordDecoder().push(Buffer.concat([records[0]!, rest.records])).records;
    assert.equal(decoded.length, 1 + 200);
    assert.equal(decoded.at(-1)?.time, 499);
  });

  it('is not taken in pieces that no ring can have', async () => {
    const part = { address: RING_ADDRESS, bytes: 2 ** 31 };
    await assert.rejects(saveMemoryPart(machine, part, join(scratch, 'much')), { code: 'LAB_GUEST_MEMORY' });
  });

  it('is dumped whole, with its progress', async () => {
    const file = join(scratch, 'memory.elf');
    await dumpMemory(machine, file, { timeoutMs: 30_000 });
    const dump = readFileSync(file);
    assert.equal(dump.toString('latin1', 1, 4), 'ELF');
    assert.ok(dump.length > (MEMORY_MIB - 1) * 2 ** 20); // less what is no RAM below 1 MiB
    assert.ok(dump.includes(ring.subarray(4096, 8192)));
  });

  it('leaves nothing where it could not be written', async () => {
    const target = join(scratch, 'nowhere', 'memory.elf');
    await assert.rejects(dumpMemory(machine, target, { timeoutMs: 30_000 }), { code: 'ENOENT' });
    const left = readFileSync(join(scratch, 'memory.elf')).length;
    assert.ok(left > 0); // the one from before is whole
  });

  it('comes with registers and a picture of the display', async () => {
    await saveRegisters(machine, join(scratch, 'registers.txt'));
    assert.match(readFileSync(join(scratch, 'registers.txt'), 'utf8'), /CS =f000 ffff0000/);
    await saveDisplay(machine, join(scratch, 'display.png'));
    assert.equal(readFileSync(join(scratch, 'display.png')).toString('latin1', 1, 4), 'PNG');
  });

  it('gets an NMI', async () => {
    await sendNmi(machine);
  });
});
