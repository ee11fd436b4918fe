import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { GuestConsole } from './console.ts';

describe('GuestConsole', () => {
  let folder: string;
  let stream: PassThrough;
  let guestConsole: GuestConsole;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'console-'));
    stream = new PassThrough();
    guestConsole = new GuestConsole(stream, join(folder, 'console.log'));
  });
  afterEach(async () => {
    stream.end();
    await guestConsole.ended;
    rmSync(folder, { recursive: true });
  });

  it('finds words that come in pieces', async () => {
    const found = guestConsole.waitFor(/lab ready (\d+)/, 2_000);
    stream.write('[ 1.0] lab re');
    stream.write('ady 42\n');
    assert.equal((await found)[1], '42');
  });

  it('finds words that were printed before it was asked', async () => {
    stream.write('sshd: listening\n');
    await guestConsole.waitFor(/listening/, 2_000);
    assert.ok(await guestConsole.waitFor(/sshd/, 2_000));
  });

  it('says what it waited for and what it saw instead', async () => {
    stream.write('booting\r\n\x1b[31mKernel panic\x1b[0m - not syncing\r\n\r\n');
    await assert.rejects(guestConsole.waitFor(/lab ready/, 30), {
      code: 'LAB_CONSOLE_TIMEOUT',
      message:
        'the guest did not print /lab ready/ on its console within 30 ms ' +
        "(last line: 'Kernel panic - not syncing')",
      evidence: [join(folder, 'console.log')],
    });
  });

  it('does not wait for a console that has ended', async () => {
    const wait = guestConsole.waitFor(/never/, 60_000);
    stream.end('power down\n');
    await assert.rejects(wait, { code: 'LAB_CONSOLE_ENDED' });
  });

  it('keeps everything in the file, byte by byte', async () => {
    stream.end(Buffer.from([0x00, 0xff, 0x0a, 0x41]));
    await guestConsole.ended;
    assert.deepEqual([...readFileSync(guestConsole.path)], [0x00, 0xff, 0x0a, 0x41]);
  });

  it('bounds file and memory when a guest prints without end', async () => {
    const block = Buffer.alloc(1024 * 1024, 'spam ');
    for (let megabytes = 0; megabytes < 20; megabytes++)
      if (!stream.write(block)) await new Promise((resolve) => stream.once('drain', resolve));
    stream.end('the end\n');
    await guestConsole.ended;
    assert.equal(guestConsole.tail.length, 64 * 1024);
    assert.deepEqual(
      guestConsole.lastLines(1).map((line) => line.slice(-7)),
      ['the end'],
    );
    assert.ok(statSync(guestConsole.path).size < 16 * 1024 * 1024 + 100);
    assert.match(
      readFileSync(guestConsole.path, 'latin1').slice(-80),
      /the lab stopped writing the console here/,
    );
  });
});
