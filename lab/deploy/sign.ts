/** Authenticode signatures of driver files, by osslsigncode. */
import { rm } from 'node:fs/promises';
import { execa, type ExecaError } from 'execa';
import { LabError } from '../errors.ts';
import type { SigningKey } from './signing-key.ts';

/** Signs `input` into the file `output`, which it replaces; osslsigncode sets the PE checksum right again. */
export async function signDriver(key: SigningKey, input: string, output: string): Promise<void> {
  await rm(output, { force: true });
  try {
    await osslsigncode([
      ...['sign', '-h', 'sha256', '-certs', key.certificatePath, '-key', key.keyPath],
      ...['-n', 'wsklab test driver', '-in', input, '-out', output],
    ]);
  } catch (cause) {
    throw new LabError({
      code: 'LAB_SIGN_FAILED',
      blame: 'lab',
      message: `osslsigncode could not sign '${input}': ${lastLine(cause)}`,
      next: 'run npm run lab -- doctor',
      evidence: [input],
      cause,
    });
  }
}

/** Raises LAB_DRIVER_SIGNATURE unless the file is signed, unchanged since, by a certificate of `certificatePath`. */
export async function verifySignature(certificatePath: string, file: string): Promise<void> {
  try {
    await osslsigncode(['verify', '-CAfile', certificatePath, '-in', file]);
  } catch (cause) {
    throw new LabError({
      code: 'LAB_DRIVER_SIGNATURE',
      blame: 'usage',
      message: `driver file '${file}' is not validly signed by the lab's certificate: ${lastLine(cause)}`,
      next: 'deploy it through the lab, which signs it',
      evidence: [file],
      cause,
    });
  }
}

async function osslsigncode(args: string[]): Promise<void> {
  await execa('osslsigncode', args, { all: true, timeout: 60_000, env: { LC_ALL: 'C' } });
}

/** What osslsigncode said last, or why it could not be run. */
function lastLine(error: unknown): string {
  const { all, shortMessage } = error as ExecaError & { all?: string };
  return all?.trim().split('\n').at(-1) || shortMessage;
}
