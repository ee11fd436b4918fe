import assert from 'node:assert/strict';
import { mkdir, open, readFile } from 'node:fs/promises';
import { hostFileError } from './host-file-error.ts';

const thrown = (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => assert.fail('nothing was thrown'),
    (error: unknown) => error,
  );

describe('hostFileError', () => {
  it('tells a full disk, also where the system names no path', async () => {
    await using full = await open('/dev/full', 'w');
    const { code, blame, message } = hostFileError(await thrown(full.appendFile('x'))) ?? {};
    assert.deepEqual([code, blame], ['LAB_DISK_FULL', 'host']);
    assert.match(message ?? '', /is full: no space left on device, write/);
  });

  it('tells which file was refused, and why', async () => {
    const missing = hostFileError(await thrown(readFile('/proc/no/such')));
    assert.equal(missing?.code, 'LAB_FILE_REFUSED');
    assert.match(missing.message, /no such file or directory, open '\/proc\/no\/such'/);
    assert.match(hostFileError(await thrown(mkdir('/dev/null/x')))?.message ?? '', /not a directory/);
  });

  it('leaves what is no file error to others', () => {
    assert.equal(hostFileError(new TypeError('x')), undefined);
    assert.equal(
      hostFileError(Object.assign(new Error('x'), { code: 'ECONNRESET', syscall: 'read' })),
      undefined,
    );
  });
});
