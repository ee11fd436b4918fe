import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, utimesSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { removeDeadLocks, whileLocked } from './lock.ts';

describe('locks of builders', () => {
  let folder: string;
  beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'locks-'))));
  afterEach(() => rmSync(folder, { recursive: true }));

  it('are removed when their holder is dead, and stay while it lives', async () => {
    const dead = join(folder, 'dead.lock');
    mkdirSync(dead);
    utimesSync(dead, 1, 1);
    await whileLocked(join(folder, 'living'), async () => {
      await removeDeadLocks(folder);
      assert.deepEqual(readdirSync(folder), ['living.lock']);
    });
    assert.deepEqual(readdirSync(folder), []);
    await removeDeadLocks(join(folder, 'nowhere'));
  });
});
