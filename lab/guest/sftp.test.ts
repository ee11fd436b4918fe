import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { getFile, putFile, readGuestFile, sftpPath } from './sftp.ts';
import type { SftpSession } from './sftp-session.ts';
import { connectSsh, type SshConnection } from './ssh.ts';
import { TestSshServer } from './ssh-server.fixture.ts';

describe('sftp', () => {
  let folder: string;
  let server: TestSshServer;
  let ssh: SshConnection;
  let sftp: SftpSession;
  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'sftp-'));
    server = await TestSshServer.start(() => undefined);
    ssh = await connectSsh(server.settings, server.dial, 5_000);
    sftp = await ssh.files('test', async (session) => session);
  });
  afterEach(async () => {
    await ssh[Symbol.asyncDispose]();
    await server[Symbol.asyncDispose]();
    rmSync(folder, { recursive: true });
  });

  for (const [from, to] of [
    ['C:\\lab\\echo.sys', '/C:/lab/echo.sys'],
    ['/C:/lab/echo.sys', '/C:/lab/echo.sys'],
    ['c:/lab', '/c:/lab'],
  ] as const)
    it(`takes ${from} for ${to}`, () => assert.equal(sftpPath(from), to));

  for (const bytes of [0, 1, 32 * 1024, 1_000_003])
    it(`puts ${bytes} bytes and gets the same back`, async () => {
      const content = randomBytes(bytes);
      const sha256 = createHash('sha256').update(content).digest('hex');
      assert.deepEqual(await putFile(sftp, content, 'C:\\lab\\x'), { bytes, sha256 });
      assert.deepEqual([...server.files.keys()], ['/C:/lab/x']);
      assert.deepEqual(await getFile(sftp, 'C:\\lab\\x', join(folder, 'x')), { bytes, sha256 });
      assert.ok(readFileSync(join(folder, 'x')).equals(content));
      assert.deepEqual(readdirSync(folder), ['x']);
    });

  it('puts together what a server gives in small parts', async () => {
    const content = randomBytes(100_000);
    server.files.set('/C:/x', content);
    server.maxReadBytes = 10_000;
    assert.ok((await readGuestFile(sftp, 'C:\\x')).equals(content));
  });

  for (const hasPosixRename of [true, false])
    it(`replaces a file, with${hasPosixRename ? '' : 'out'} the posix-rename extension`, async () => {
      server.hasPosixRename = hasPosixRename;
      server.files.set('/C:/x', Buffer.from('old and longer'));
      await putFile(sftp, Buffer.from('new'), 'C:\\x');
      assert.deepEqual([...server.files], [['/C:/x', Buffer.from('new')]]);
    });

  it('leaves the old file and nothing else when the new one arrives changed', async () => {
    server.files.set('/C:/x', Buffer.from('old'));
    server.onWrite = (data) => Buffer.from(data.map((byte) => byte ^ 1));
    await assert.rejects(putFile(sftp, Buffer.from('new'), 'C:\\x'), {
      code: 'LAB_SFTP_CORRUPTED',
      message:
        /^'\/C:\/x' arrived changed: 3 bytes with SHA-256 [0-9a-f]{64}, sent 3 bytes with [0-9a-f]{64}$/,
    });
    assert.deepEqual([...server.files], [['/C:/x', Buffer.from('old')]]);
  });

  it('leaves nothing behind when the disk of the guest is full', async () => {
    server.onWrite = () => 'fail';
    await assert.rejects(putFile(sftp, Buffer.from('new'), 'C:\\x'), {
      code: 'LAB_SFTP_FAILED',
      message: /failure/,
    });
    assert.deepEqual([...server.files], []);
  });

  it('names the path that is not there', async () => {
    await assert.rejects(readGuestFile(sftp, 'C:\\none'), {
      message: "SFTP failed in the guest on '/C:/none': no such file",
    });
    await assert.rejects(putFile(sftp, Buffer.from('x'), 'C:\\missing-folder\\x'), {
      code: 'LAB_SFTP_FAILED',
    });
  });

  it('does not fetch more than it was told to', async () => {
    server.files.set('/C:/big', Buffer.alloc(1001));
    await assert.rejects(getFile(sftp, 'C:\\big', join(folder, 'big'), { maxBytes: 1000 }), {
      code: 'LAB_SFTP_TOO_BIG',
      message: "'/C:/big' is 1001 bytes in the guest, at most 1000 are fetched",
    });
    assert.deepEqual(readdirSync(folder), []);
  });

  it('tells a connection that was cut from a file that is not there', async () => {
    server.onWrite = () => {
      for (const socket of server.sockets) socket.destroy();
      return 'fail';
    };
    const put = ssh.files('put', (session) => putFile(session, Buffer.from('x'), 'C:\\x'));
    await assert.rejects(put, { code: 'LAB_SSH_CLOSED' });
  });

  it('blames the host for a path of its own that cannot be written', async () => {
    server.files.set('/C:/x', Buffer.from('x'));
    await assert.rejects(getFile(sftp, 'C:\\x', join(folder, 'none', 'x')), {
      code: 'LAB_FILE_WRITE',
      blame: 'host',
    });
  });
});
