import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { processStartTime } from '../machine/process-identity.ts';
import { places, Turn } from './turn.ts';

describe('a turn', () => {
  const { signal } = new AbortController();
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'turns-'));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  /** A lab of another process that came before everybody. */
  const ticketOf = (pid: number, startTime: string | undefined) =>
    writeFileSync(join(folder, `${'0'.repeat(20)}-${pid}-${startTime}`), '');

  it('comes at once while there are places, and leaves nothing behind', async () => {
    for (const _ of [1, 2]) {
      using first = await Turn.come({ places: 2, signal, folder });
      using second = await Turn.come({ places: 2, signal, folder });
      assert.deepEqual([first.waitedMs, second.waitedMs], [0, 0]);
      assert.equal(readdirSync(folder).length, 2);
    }
    assert.deepEqual(readdirSync(folder), []);
  });

  it('comes in the order in which it was asked for', async () => {
    const order: string[] = [];
    const first = await Turn.come({ places: 1, signal, folder });
    const rest = ['second', 'third'].map(async (name) => {
      using turn = await Turn.come({ places: 1, signal, folder });
      order.push(name);
      assert.ok(turn.waitedMs > 0);
      assert.equal(readdirSync(folder).length, name === 'second' ? 2 : 1);
    });
    order.push('first');
    first[Symbol.dispose]();
    await Promise.all(rest);
    assert.deepEqual(order, ['first', 'second', 'third']);
  });

  it('waits for a lab of another process, says which, and goes on when that is gone', async () => {
    const other = execa('cat', { reject: false });
    ticketOf(other.pid!, processStartTime(other.pid!));
    const waitedFor: number[] = [];
    using turn = await Turn.come({
      ...{ places: 1, signal, folder },
      onWait: (labs) => {
        waitedFor.push(...labs);
        other.kill('SIGKILL');
      },
    });
    assert.deepEqual(waitedFor, [other.pid]);
    assert.ok(turn.waitedMs > 0);
    assert.equal(readdirSync(folder).length, 1);
  });

  it('does not wait for another process that has got the number of a dead lab', async () => {
    ticketOf(process.pid, '1');
    using turn = await Turn.come({ places: 1, signal, folder });
    assert.equal(turn.waitedMs, 0);
  });

  it('is not waited for without end: the lab that has it may stand still', async () => {
    using _ = await Turn.come({ places: 1, signal, folder });
    using turn = await Turn.come({ places: 1, signal, folder, patienceMs: 150 });
    assert.ok(turn.waitedMs > 150);
  });

  it('is given up at an interruption', async () => {
    const stop = new AbortController();
    using _ = await Turn.come({ places: 1, signal, folder });
    await assert.rejects(
      Turn.come({
        ...{ places: 1, folder, signal: stop.signal },
        onWait: () => stop.abort(new Error('Ctrl-C')),
      }),
      /Ctrl-C/,
    );
    assert.equal(readdirSync(folder).length, 1);
  });

  it('needs no folder that can be written to', async () => {
    const file = join(folder, 'file');
    writeFileSync(file, '');
    using turn = await Turn.come({ places: 1, signal, folder: file });
    assert.equal(turn.waitedMs, 0);
  });

  it('has as many places as a lab was told to use, and at least one', () => {
    assert.equal(places(1000), 1000);
    assert.ok(places(1) >= 1);
  });
});
