/** The ssh server for Windows guests. The lab may not bring it along and cannot fetch it: the user gives the file. */
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { LabError } from '../../lab/errors.ts';

/** The one release that the steps of provision/ are written for. */
export const OPENSSH = {
  version: '10.0.0.0p2-Preview',
  file: 'OpenSSH-Win64.zip',
  sha256: '23f50f3458c4c5d0b12217c6a5ddfde0137210a30fa870e98b29827f7b43aba5',
};

const WHERE = `take ${OPENSSH.file} of release ${OPENSSH.version} from github.com/PowerShell/Win32-OpenSSH/releases`;

/**
 * The file that was given, or the one beside the ISO.
 * @throws LabError LAB_OPENSSH_MISSING, LAB_OPENSSH_HASH.
 */
export async function readOpenSsh({ given, iso }: { given?: string; iso: string }): Promise<Buffer> {
  const path = given ?? join(dirname(iso), OPENSSH.file);
  if (!existsSync(path)) {
    throw new LabError({
      code: 'LAB_OPENSSH_MISSING',
      blame: 'usage',
      message: `there is no file '${path}', and the guest needs an ssh server`,
      next: `${WHERE} and put it beside the ISO`,
    });
  }
  const content = await readFile(path);
  const sha256 = createHash('sha256').update(content).digest('hex');
  if (sha256 === OPENSSH.sha256) return content;
  throw new LabError({
    code: 'LAB_OPENSSH_HASH',
    blame: 'usage',
    message: `'${path}' (${content.length} bytes) has the SHA-256 ${sha256}, and not ${OPENSSH.sha256}`,
    next: WHERE,
  });
}
