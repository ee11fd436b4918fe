import assert from 'node:assert/strict';
import { mkdtemp, open, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { mapLines, usedMiB } from './disk-map.ts';

const MIB = 1024 * 1024;

describe('usedMiB', () => {
  it('finds the runs with content, also a single byte, and a last piece that is no whole MiB', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'wsklab-map-'));
    const path = join(folder, 'disk');
    {
      await using file = await open(path, 'w');
      for (const at of [0, 2 * MIB - 1, 4 * MIB, 5 * MIB + 10]) await file.write(Buffer.from('x'), 0, 1, at);
    }
    const runs = await usedMiB(path);
    assert.deepEqual(runs, [
      { beginMiB: 0, lengthMiB: 2 },
      { beginMiB: 4, lengthMiB: 2 },
    ]);
    assert.equal(mapLines(runs), '0 2\n4 2\n');
    await rm(folder, { recursive: true });
  });
});
