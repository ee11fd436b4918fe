/** The lab's own test-signing key and certificate: made once per cache folder, never leaves the host. */
import { generateKeyPair } from 'node:crypto';
import { mkdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { selfSignedCertificate } from './certificate.ts';

export interface SigningKey {
  /** PEM, private, mode 0600. */
  keyPath: string;
  /** PEM; what a guest image has to trust. */
  certificatePath: string;
}

const DAY_MS = 24 * 60 * 60 * 1000;

/** The key in `folder`, made if it is not there yet. Two callers at once end up with the same key. */
export async function ensureSigningKey(folder: string): Promise<SigningKey> {
  const key = join(folder, 'signing-key');
  const paths = { keyPath: join(key, 'key.pem'), certificatePath: join(key, 'certificate.pem') };
  if (await exists(paths.certificatePath)) return paths;

  const { keyPem, certificate } = await makeKey();
  const unfinished = `${key}.${process.pid}-${Date.now()}`;
  await mkdir(unfinished, { recursive: true, mode: 0o700 });
  try {
    await writeFile(join(unfinished, 'key.pem'), keyPem, { mode: 0o600 });
    await writeFile(join(unfinished, 'certificate.pem'), certificate);
    // A rename onto a folder that is not empty fails: then another caller was faster and its key counts.
    await rename(unfinished, key);
  } catch (cause) {
    if (!(await exists(paths.certificatePath))) throw cause;
  } finally {
    await rm(unfinished, { recursive: true, force: true });
  }
  return paths;
}

async function makeKey(): Promise<{ keyPem: string; certificate: string }> {
  const keys = await promisify(generateKeyPair)('rsa', { modulusLength: 2048 });
  const certificate = selfSignedCertificate({
    commonName: 'wsklab test driver signing',
    // A guest restored from a snapshot, or with a wrong clock, lives in the past: be valid there too.
    notBefore: new Date(Date.now() - 2 * 365 * DAY_MS),
    notAfter: new Date(Date.now() + 10 * 365 * DAY_MS),
    ...keys,
  });
  return { keyPem: keys.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(), certificate };
}

const exists = (path: string) =>
  stat(path).then(
    () => true,
    () => false,
  );
