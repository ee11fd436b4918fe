import assert from 'node:assert/strict';
import { initrdArchive } from './initrd-archive.ts';

/** Reads "newc" as the kernel does: [path, mode in octal, content]. */
function readArchive(bytes: Buffer): [path: string, mode: string, content: string][] {
  const entries: [string, string, string][] = [];
  for (let at = 0; at < bytes.length;) {
    assert.equal(bytes.toString('latin1', at, at + 6), '070701');
    const field = (index: number) =>
      parseInt(bytes.toString('latin1', at + 6 + 8 * index, at + 14 + 8 * index), 16);
    const [mode, size, nameSize] = [field(1), field(6), field(11)];
    const nameAt = at + 110;
    const contentAt = Math.ceil((nameAt + nameSize) / 4) * 4;
    const path = bytes.toString('utf8', nameAt, nameAt + nameSize - 1);
    entries.push([path, mode.toString(8), bytes.toString('utf8', contentAt, contentAt + size)]);
    at = Math.ceil((contentAt + size) / 4) * 4;
  }
  return entries;
}

describe('the archive behind the initrd', () => {
  it('holds folders before what is in them, and files with mode and content', () => {
    const archive = initrdArchive([
      { path: 'image/C:/lab/agent.exe', mode: 0o755, content: Buffer.from('MZ') },
      { path: 'image/key', mode: 0o600, content: Buffer.from('secret') },
      { path: 'image/empty', mode: 0o644, content: Buffer.alloc(0) },
    ]);
    assert.deepEqual(readArchive(archive), [
      ['image', '40755', ''],
      ['image/C:', '40755', ''],
      ['image/C:/lab', '40755', ''],
      ['image/C:/lab/agent.exe', '100755', 'MZ'],
      ['image/key', '100600', 'secret'],
      ['image/empty', '100644', ''],
      ['TRAILER!!!', '0', ''],
    ]);
    assert.equal(archive.length % 4, 0);
  });
});
