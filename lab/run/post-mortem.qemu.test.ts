import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Bugcheck } from '../crash/bugcheck.ts';
import { dumpHeader } from '../crash/dump-header.fixture.ts';
import { RingWriter, type RingAct } from '../crash/ring-image.fixture.ts';
import { AgentChannel } from '../guest/agent-channel.ts';
import { GuestEnd } from '../guest/agent-end.fixture.ts';
import { FRAME } from '../guest/agent-frame.ts';
import type { Capability } from '../guest/capabilities.ts';
import { watchForEnd, type GuestGone } from '../guest/guest-gone.ts';
import { connectSsh } from '../guest/ssh.ts';
import { TestSshServer } from '../guest/ssh-server.fixture.ts';
import { MachineFolder } from '../machine/machine-folder.ts';
import { startMachine, type RunningMachine } from '../machine/qemu-process.ts';
import { CtfReader } from '../trace/ctf-reader.ts';
import { encodeRecord } from '../trace/encoder.ts';
import { canBeExamined, examine, type PostMortem } from './post-mortem.ts';
import { Recording } from './recording.ts';

const RING_ADDRESS = 0x20_0000n;
const DATA_BYTES = 65_536;
const bugcheck: Bugcheck = { code: 0xd1, parameters: [0x10n, 2n, 1n, 0xfffff80312345679n] };

/**
 * A firmware image in place of a guest that crashes: it says so to pvpanic, restarts when it may go on, and then halts.
 * Or it hangs at once, with interrupts off.
 */
function crashingFirmware(how: 'panics' | 'hangs'): Buffer {
  const code = {
    panics: [
      '31c0 8ed8', // xor ax, ax; mov ds, ax
      '803e000501 741e', // cmp byte [500h], 1; je halt
      'c606000501', // mov byte [500h], 1
      'ba0505 b001 ee', // mov dx, 505h; mov al, 1; out dx, al
      '66b980f0fa02 6649 75fc', // mov ecx, 50000000; dec ecx; jnz back: QEMU needs a moment to stop it
      'b0fe e664', // mov al, feh; out 64h, al
      'fa f4 ebfc', // cli; hlt; jmp back
      '9090 fa f4 ebfc', // halt
    ],
    hangs: ['fa', 'ebfe'],
  }[how];
  const image = Buffer.alloc(64 * 1024);
  image.write(code.join('').replaceAll(' ', ''), 0, 'hex');
  image.write('e90d00', 0xfff0, 'hex');
  return image;
}

describe('examine, with QEMU', function () {
  this.timeout(60_000);
  let scratch: string;
  let folder: string;
  let server: TestSshServer;
  let memory: Buffer;
  let minidumps: string;
  const records = [
    encodeRecord({ event: 'trace_start' }),
    ...[1, 2, 3, 4].map((time) => encodeRecord({ event: 'register_enter', time })),
  ];
  beforeEach(async () => {
    scratch = mkdtempSync(join(tmpdir(), 'post-mortem-'));
    chmodSync(scratch, 0o755);
    folder = join(scratch, 'scenario');
    mkdirSync(folder);
    minidumps = '';
    server = await TestSshServer.start(({ command, channel }) => {
      channel.write(command.startsWith('dir /b') ? minidumps : '');
      channel.exit(0);
      channel.end();
    });
    using ring = new RingWriter();
    const acts: RingAct[] = [{ write: records[0]! }, { write: records[1]! }, { read: 4096 }];
    memory = ring.memory(DATA_BYTES, [...acts, ...records.slice(2).map((write) => ({ write }))]);
  });
  afterEach(async () => {
    await server[Symbol.asyncDispose]();
    rmSync(scratch, { recursive: true });
  });

  async function machineThat(how: 'panics' | 'hangs'): Promise<RunningMachine> {
    writeFileSync(join(scratch, 'ring'), memory);
    const file = join(scratch, 'firmware.bin');
    writeFileSync(file, crashingFirmware(how));
    const place = `file=${join(scratch, 'ring')},addr=0x${RING_ADDRESS.toString(16)},force-raw=on`;
    return await startMachine(
      {
        ...{ accelerator: 'tcg', cpu: 'Nehalem', cores: 1, memoryMiB: 16, devices: 'baseline' },
        ...{ onReboot: 'exit', boot: { kind: 'firmware', file } },
        extra: ['-S', '-device', `loader,${place}`],
      },
      { folder: await MachineFolder.create(join(scratch, 'machines')), evidence: scratch },
    );
  }

  /** A recording of which the first record has arrived when the guest stops. */
  async function recordingOf(ringAddress: bigint): Promise<Recording> {
    const guest = new GuestEnd();
    guest.onFrame = ({ type, request }) => {
      const place = Buffer.alloc(16);
      place.writeBigUInt64LE(ringAddress, 0);
      place.writeUInt32LE(memory.length, 8);
      guest.send(FRAME.OK, request, place);
      if (type === FRAME.TRACE_START) guest.send(FRAME.TRACE_DATA, request, records[0]);
    };
    const parameters = { ringBytes: DATA_BYTES, seed: 1, perturb: [] };
    return await Recording.start(new AgentChannel(guest.host), join(folder, 'trace'), parameters);
  }

  async function examineOne(
    machine: RunningMachine,
    gone: GuestGone,
    {
      has,
      ringAddress = RING_ADDRESS,
      dumpMs = 20_000,
    }: {
      has: Capability[];
      ringAddress?: bigint;
      dumpMs?: number;
    },
  ): Promise<PostMortem> {
    return await examine({
      guest: { machine, connectAfterEnd: (ms) => connectSsh(server.settings, server.dial, ms) },
      ...{ gone, folder, dumpMs, recording: await recordingOf(ringAddress) },
      ...{ has: (name) => has.includes(name), maxDumpBytes: 2 ** 30 },
      signal: new AbortController().signal,
    });
  }

  async function recordedTimes(): Promise<number[]> {
    const times: number[] = [];
    for await (const { time } of (await CtfReader.open(join(folder, 'trace'))).records()) times.push(time);
    return times;
  }

  async function crashed(machine: RunningMachine): Promise<GuestGone> {
    const gone = watchForEnd(machine, { lost: new Promise<string>(() => undefined) });
    await machine.qmp.execute('cont');
    return await gone;
  }

  it('reads the ring of a guest that panicked, lets it restart, and fetches its dump', async () => {
    server.files.set('/C:/Windows/MEMORY.DMP', dumpHeader({ bugcheck, build: 20348 }));
    minidumps = '112226-4711-01.dmp\r\n..\\112227.dmp\r\n';
    server.files.set('/C:/Windows/Minidump/112226-4711-01.dmp', dumpHeader({ bugcheck, dumpType: 4 }));
    await using machine = await machineThat('panics');
    const gone = await crashed(machine);
    assert.ok(canBeExamined(gone));
    const found = await examineOne(machine, gone, { has: ['crashDump', 'panicEvent'] });
    assert.deepEqual(found.notes, []);
    assert.deepEqual(found.bugcheck, bugcheck);
    assert.deepEqual(await recordedTimes(), [0, 1, 2, 3, 4]);
    assert.equal(found.end?.reason, 'guest crashed');
    assert.deepEqual(
      found.artefacts.map(({ what, path }) => [path.slice(folder.length + 1), what]),
      [
        ['crash-display.png', 'display'],
        ['crash-registers.txt', 'registers'],
        ['crash-ring.bin', "the recorder's ring"],
        ['MEMORY.DMP', 'memory dump of Windows, kernel, build 20348'],
        ['minidump.dmp', 'memory dump of Windows, minidump, build 20348'],
      ],
    );
    assert.ok(readFileSync(join(folder, 'MEMORY.DMP')).equals(dumpHeader({ bugcheck, build: 20348 })));
  });

  it('says so when the dump speaks of another crash than QEMU told, or is cut', async () => {
    const other = { ...bugcheck, code: 0x50 };
    server.files.set('/C:/Windows/MEMORY.DMP', dumpHeader({ bugcheck: other, neededBytes: 99_999n }));
    await using machine = await machineThat('panics');
    const gone = { ...(await crashed(machine)), bugcheck };
    const found = await examineOne(machine, gone, { has: ['crashDump', 'panicEvent'] });
    assert.deepEqual(found.bugcheck, bugcheck);
    assert.match(found.notes.join('\n'), /has 8192 bytes of 99999: it is cut/);
    assert.match(found.notes.join('\n'), /QEMU told of bugcheck 0xD1 .*, the dump speaks of 0x50 /);
  });

  it('dumps the memory of a guest from outside that writes no dump', async () => {
    await using machine = await machineThat('panics');
    const found = await examineOne(machine, await crashed(machine), { has: [], ringAddress: 0n });
    assert.equal(found.bugcheck, undefined);
    const names = found.artefacts.map(({ path }) => path.slice(folder.length + 1));
    assert.deepEqual(names, ['crash-display.png', 'crash-registers.txt', 'memory.elf']);
    assert.deepEqual(await recordedTimes(), [0]);
  });

  it('sends an NMI to a guest that hangs, and dumps it from outside when that does not help', async () => {
    await using machine = await machineThat('hangs');
    await machine.qmp.execute('cont');
    const gone: GuestGone = { cause: 'hung', blame: 'guest', message: 'silent', evidence: [] };
    const has: Capability[] = ['crashDump', 'panicEvent', 'nmi'];
    const found = await examineOne(machine, gone, { has, dumpMs: 2_000 });
    assert.equal(found.isAskedFor, true);
    assert.match(
      found.notes.join('\n'),
      /a restart could not be had: the guest did not restart after its crash within/,
    );
    assert.equal(found.artefacts.at(-1)?.path, join(folder, 'memory.elf'));
    assert.deepEqual(await recordedTimes(), [0, 1, 2, 3, 4]);
  });

  it('notes a ring that is not where the guest said, and goes on', async () => {
    await using machine = await machineThat('panics');
    const found = await examineOne(machine, await crashed(machine), { has: [], ringAddress: 0x30_0000n });
    assert.match(found.notes.join('\n'), /ring could not be read: no ring is there/);
    assert.deepEqual(await recordedTimes(), [0]);
  });
});
