import assert from 'node:assert/strict';
import { createPrivateKey, X509Certificate } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ensureSigningKey } from './signing-key.ts';

describe('ensureSigningKey', function () {
  this.timeout(60_000);
  let folder: string;
  beforeEach(async () => void (folder = await mkdtemp(join(tmpdir(), 'wsklab-key-'))));
  afterEach(() => rm(folder, { recursive: true }));

  it('makes one key for callers at once and later ones, private, and leaves nothing else', async () => {
    const first = await Promise.all([ensureSigningKey(folder), ensureSigningKey(folder)]);
    const made = await readFile(first[0].keyPath);
    const later = await ensureSigningKey(folder);
    assert.deepEqual(first, [later, later]);
    assert.deepEqual(await readFile(later.keyPath), made);
    assert.equal((await stat(later.keyPath)).mode & 0o777, 0o600);
    assert.deepEqual(await readdir(folder), ['signing-key']);
  });

  it('makes a back-dated code-signing certificate, valid for ten years, signed by the key itself', async () => {
    const { keyPath, certificatePath } = await ensureSigningKey(folder);
    const certificate = new X509Certificate(await readFile(certificatePath));
    assert.ok(certificate.checkPrivateKey(createPrivateKey(await readFile(keyPath))));
    assert.ok(certificate.verify(certificate.publicKey));
    assert.equal(certificate.ca, false);
    assert.deepEqual(certificate.keyUsage, ['1.3.6.1.5.5.7.3.3'], 'codeSigning');
    const years = (date: string) => Math.round((Date.parse(date) - Date.now()) / 3.1536e10);
    assert.deepEqual([years(certificate.validFrom), years(certificate.validTo)], [-2, 10]);
  });
});
