/**
 * The CD beside Windows' own, in ISO 9660 with Joliet: the answer file in its root, where Setup looks, and below \lab
 * all that the steps take. The same content makes the same bytes, so that it can decide an image's key.
 */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { execa } from 'execa';
import { LabError } from '../../lab/errors.ts';
import { OPENSSH } from './openssh-zip.ts';
import type { Scripts } from './provision-script.ts';

export interface ConfigurationContent {
  /** XML. */
  answerFile: string;
  scripts: Scripts;
  /** The zip file. */
  openSsh: Uint8Array;
  /** The lab's own, which are copied to C:\lab. */
  files: {
    'agent.exe': Uint8Array;
    /** The certificate that drivers are signed with, DER. */
    'lab.cer': Uint8Array;
    /** Public keys, one a line. */
    authorized_keys: string;
  };
}

const LABEL = 'WSKLAB';
/** Of the volume, in seconds, and of every file, as xorriso wants it: 1 January 2026. */
const VOLUME_DATE = String(Date.UTC(2026, 0, 1) / 1000);
const FILE_DATE = '2026010100000000';

/** @throws LabError LAB_MEDIUM_WRITE with what xorriso said. */
export async function writeConfigurationMedium(content: ConfigurationContent, iso: string): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'wsklab-medium-'));
  try {
    for (const [name, bytes] of mediumFiles(content)) {
      const path = join(folder, name);
      await mkdir(dirname(path), { recursive: true });
      await writeFile(path, bytes);
    }
    await makeIso(folder, iso);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function mediumFiles({
  answerFile,
  scripts,
  openSsh,
  files,
}: ConfigurationContent): [string, string | Uint8Array][] {
  return [
    ['autounattend.xml', answerFile],
    [`lab/${OPENSSH.file}`, openSsh],
    ...Object.entries(scripts).map(([name, text]): [string, string] => [`lab/${name}`, text]),
    ...Object.entries(files).map(([name, bytes]): [string, string | Uint8Array] => [
      `lab/files/${name}`,
      bytes,
    ]),
  ];
}

/** Without Rock Ridge: it would hold owners and inode numbers of the folder, and Windows does not read it. */
async function makeIso(folder: string, iso: string): Promise<void> {
  const kind = ['--norock', '-J', '-V', LABEL, '--set_all_file_dates', FILE_DATE];
  const args = ['-as', 'mkisofs', '-quiet', ...kind, '-o', iso, folder];
  const { exitCode, all, shortMessage } = await execa('xorriso', args, {
    ...{ all: true, reject: false },
    env: { SOURCE_DATE_EPOCH: VOLUME_DATE, LC_ALL: 'C', TZ: 'UTC' },
  });
  if (exitCode === 0) return;
  throw new LabError({
    code: 'LAB_MEDIUM_WRITE',
    blame: 'host',
    message: `xorriso could not write '${iso}': ${all === '' ? (shortMessage ?? '') : all}`,
    next: 'make room there, or install the Debian package xorriso',
  });
}
