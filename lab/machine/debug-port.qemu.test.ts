import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openGdbServer, openSerialPort, SERIAL_PORT_ARGUMENTS, type DebugPort } from './debug-port.ts';
import { MachineFolder } from './machine-folder.ts';
import { startMachine, type RunningMachine } from './qemu-process.ts';

/** Waits for a byte on COM3 (3E8h) and sends back the next letter, again and again. */
const ECHO = [
  'baed03 ec a801 74f8', // mov dx, 3edh (line status); in al, dx; test al, 1; jz back
  'bae803 ec fec0 ee', // mov dx, 3e8h; in al, dx; inc al; out dx, al
  'ebef', // jmp back
];

describe('a way for debuggers, with QEMU', function () {
  this.timeout(30_000);
  let scratch: string;
  let machine: RunningMachine;
  beforeEach(async () => {
    scratch = mkdtempSync(join(tmpdir(), 'debug-port-'));
    const image = Buffer.alloc(64 * 1024);
    image.write(ECHO.join('').replaceAll(' ', ''), 0, 'hex');
    image.write('e90d00', 0xfff0, 'hex');
    const file = join(scratch, 'firmware.bin');
    writeFileSync(file, image);
    machine = await startMachine(
      {
        ...{ accelerator: 'tcg', cpu: 'Nehalem', cores: 1, memoryMiB: 16, devices: 'baseline' },
        ...{ onReboot: 'exit', boot: { kind: 'firmware', file }, extra: SERIAL_PORT_ARGUMENTS },
      },
      { folder: await MachineFolder.create(join(scratch, 'machines')), evidence: scratch },
    );
  });
  afterEach(async () => {
    await machine[Symbol.asyncDispose]();
    rmSync(scratch, { recursive: true });
  });

  /** What comes back, up to its `end`: TCP hands it over in pieces of any size. */
  async function ask(way: DebugPort, words: string, end: RegExp): Promise<string> {
    const socket = connect(way.port, '127.0.0.1').setEncoding('latin1');
    socket.write(words);
    let answer = '';
    for await (const piece of socket) {
      answer += String(piece);
      if (end.test(answer)) break;
    }
    return answer;
  }

  it("speaks gdb's protocol by way of TCP, with one debugger after the other", async () => {
    await using way = await openGdbServer(machine, 0);
    // A packet that says that the guest was stopped may come first.
    const answer = /\$PacketSize=[^#]*#[0-9a-f]{2}$/;
    for (let each = 0; each < 2; each++) assert.match(await ask(way, '$qSupported#37', answer), answer);
  });

  it('reaches the third serial port of the guest', async () => {
    await using way = await openSerialPort(machine, 0);
    assert.equal(await ask(way, 'A', /./), 'B');
  });

  it('says so when the port is taken', async () => {
    await using way = await openGdbServer(machine, 0);
    await assert.rejects(openSerialPort(machine, way.port), { code: 'LAB_DEBUG_PORT', blame: 'usage' });
  });
});
