import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fetchLargeFile } from './large-file.ts';
import type { SftpSession } from './sftp-session.ts';
import { connectSsh, type SshConnection } from './ssh.ts';
import { TestSshServer } from './ssh-server.fixture.ts';

const DUMP = 'C:\\Windows\\MEMORY.DMP';

describe('fetchLargeFile', () => {
  let folder: string;
  let server: TestSshServer;
  let ssh: SshConnection;
  let sftp: SftpSession;
  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'large-file-'));
    server = await TestSshServer.start(() => undefined);
    ssh = await connectSsh(server.settings, server.dial, 5_000);
    sftp = await ssh.files('test', async (session) => session);
  });
  afterEach(async () => {
    await ssh[Symbol.asyncDispose]();
    await server[Symbol.asyncDispose]();
    rmSync(folder, { recursive: true });
  });

  it('brings the file whole, in parts, and tells how far it is', async () => {
    const content = randomBytes(3_000_001);
    server.files.set('/C:/Windows/MEMORY.DMP', content);
    server.maxReadBytes = 30_000;
    const told: number[] = [];
    const target = join(folder, 'MEMORY.DMP');
    const options = {
      timeoutMs: 20_000,
      maxBytes: 4_000_000,
      onProgress: (bytes: number) => told.push(bytes),
    };
    assert.equal(await fetchLargeFile(sftp, DUMP, target, options), content.length);
    assert.ok(readFileSync(target).equals(content));
    assert.deepEqual([told.at(-1), told.length > 50], [content.length, true]);
    assert.deepEqual(readdirSync(folder), ['MEMORY.DMP']);
  });

  it('leaves nothing of a file that is too large, or not there', async () => {
    server.files.set('/C:/Windows/MEMORY.DMP', Buffer.alloc(101));
    const options = { timeoutMs: 5_000, maxBytes: 100 };
    await assert.rejects(fetchLargeFile(sftp, DUMP, join(folder, 'x'), options), {
      code: 'LAB_SFTP_TOO_BIG',
      message: "'/C:/Windows/MEMORY.DMP' is 101 bytes in the guest, at most 100 are fetched",
    });
    await assert.rejects(fetchLargeFile(sftp, 'C:\\none', join(folder, 'x'), options), {
      code: 'LAB_SFTP_FAILED',
    });
    assert.deepEqual(readdirSync(folder), []);
  });
});
