import assert from 'node:assert/strict';
import { mkdtemp, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { installDriver, prepareDriver } from '../deploy/deploy-driver.ts';
import { queryService } from '../deploy/service.ts';
import { signDriver } from '../deploy/sign.ts';
import { ensureSigningKey, type SigningKey } from '../deploy/signing-key.ts';
import { bootGuest } from '../guest/boot-guest.ts';
import type { BootedGuest } from '../guest/guest.ts';
import { driversFolder } from './build-drivers.ts';
import { prepareGuest } from './prepare-guest.ts';

describe('a driver that the reference guest must not start', function () {
  this.timeout(240_000);
  let scratch: string;
  let key: SigningKey;
  let guest: BootedGuest;
  /** The kernel supplement, as the lab signs it: it imports nothing that the guest lacks. */
  let signed: Buffer;
  let unsigned: Buffer;

  before(async () => {
    scratch = await mkdtemp(join(tmpdir(), 'wsklab-refused-'));
    const preparation = await prepareGuest('reference');
    key = preparation.signingKey;
    guest = await bootGuest(preparation.guest, { evidence: join(scratch, 'machine') });
    const file = join(driversFolder, 'ntsup.sys');
    const prepared = await prepareDriver({ file, folder: scratch, signingKey: key });
    signed = await readFile(prepared.file);
    const stripped = join(scratch, 'stripped.sys');
    await execa('osslsigncode', ['remove-signature', '-in', prepared.file, '-out', stripped]);
    unsigned = await readFile(stripped);
  });
  after(async () => {
    await guest?.[Symbol.asyncDispose]();
    await rm(scratch, { recursive: true });
  });

  /** Puts the file into the guest as it is, and tries to start it. */
  async function start(name: string, file: Buffer): Promise<void> {
    const folder = join(scratch, 'as-is');
    await mkdir(folder, { recursive: true });
    const path = join(folder, `${name}.sys`);
    await writeFile(path, file);
    const driver = await installDriver(guest, { service: name, file: path, redirected: [] });
    try {
      await driver.start();
    } finally {
      assert.equal((await queryService(guest, name))?.state, 'STOPPED');
    }
  }

  async function signedBy(signer: SigningKey, file: Buffer): Promise<Buffer> {
    const [before, after] = [join(scratch, 'before.sys'), join(scratch, 'after.sys')];
    await writeFile(before, file);
    await signDriver(signer, before, after);
    return await readFile(after);
  }

  /** With a text in it replaced by one of the same length. */
  function edited(file: Buffer, from: string, to: string): Buffer {
    const at = file.lastIndexOf(from, undefined, 'latin1');
    assert.ok(at > 0 && from.length === to.length, `'${from}' is in the file`);
    const copy = Buffer.from(file);
    copy.write(to, at, 'latin1');
    return copy;
  }

  const refused = (win32Code: number, blame: string, words: RegExp) => ({
    ...{ code: 'LAB_SERVICE_FAILED', win32Code, blame },
    message: words,
  });
  const SIGNATURE = refused(577, 'driver', /577 \(ERROR_INVALID_IMAGE_HASH\): .*signature/);

  it('is one without a signature', async () => {
    await assert.rejects(start('unsigned', unsigned), SIGNATURE);
  });

  it('is one that was changed after it had been signed', async () => {
    await assert.rejects(start('changed', edited(signed, 'This program', 'this program')), SIGNATURE);
  });

  it('is one that somebody else signed', async () => {
    const other = await ensureSigningKey(join(scratch, 'other'));
    await assert.rejects(async () => start('foreign', await signedBy(other, unsigned)), SIGNATURE);
  });

  it('is one that imports what its module does not export', async () => {
    const without = edited(unsigned, 'TlsAlloc\0', 'TlsAllok\0');
    await assert.rejects(
      async () => start('unresolved', await signedBy(key, without)),
      refused(127, 'driver', /127 \(ERROR_PROC_NOT_FOUND\)/),
    );
  });

  it('is one that imports from a module that is not there', async () => {
    const elsewhere = edited(unsigned, 'ntdll.dll', 'ntdlx.dll');
    await assert.rejects(
      async () => start('homeless', await signedBy(key, elsewhere)),
      refused(2, 'driver', /2 \(ERROR_FILE_NOT_FOUND\)/),
    );
  });

  it('is one that is no 64-bit driver at all', async () => {
    const words = refused(193, 'driver', /193 \(ERROR_BAD_EXE_FORMAT\)/);
    await assert.rejects(start('text', Buffer.from('hello\n')), words);
    await assert.rejects(start('cut', signed.subarray(0, 400)), words);
  });
});
