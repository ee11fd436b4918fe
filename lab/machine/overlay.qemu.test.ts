import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createOverlay } from './overlay.ts';

describe('createOverlay, with qemu-img', () => {
  let folder: string;
  let before: string | undefined;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'overlay-'));
    before = process.env['PATH'];
    writeFileSync(join(folder, 'disk'), Buffer.alloc(1024 * 1024));
  });
  afterEach(() => {
    process.env['PATH'] = before;
    rmSync(folder, { recursive: true });
  });

  const disk = () => ({ file: join(folder, 'disk'), format: 'raw', writes: 'discard' }) as const;

  it('makes a small file, whatever the size of the disk', async () => {
    await createOverlay(disk(), join(folder, 'overlay'));
    assert.ok(statSync(join(folder, 'overlay')).size < 300_000);
  });

  it('says which disk is not there', async () => {
    rmSync(join(folder, 'disk'));
    await assert.rejects(createOverlay(disk(), join(folder, 'overlay')), {
      code: 'LAB_OVERLAY_FAILED',
      message: /over '.*disk': .*No such file or directory/,
    });
  });

  it('says what to install when there is no qemu-img', async () => {
    process.env['PATH'] = folder;
    await assert.rejects(createOverlay(disk(), join(folder, 'overlay')), { code: 'LAB_QEMU_MISSING' });
  });
});
