/**
 * What is in an ISO file. 7-Zip reads it: Windows media hold their files in UDF and only a note in ISO 9660, and
 * nothing else in Debian reads UDF without mounting it.
 */
import { open, stat, type FileHandle } from 'node:fs/promises';
import { execa } from 'execa';
import { LabError } from '../errors.ts';

export interface IsoFile {
  /** As it is on the medium, with slashes. */
  path: string;
  sizeBytes: number;
}

export interface Iso {
  path: string;
  sizeBytes: number;
  fileSystem: FileSystem;
  files: IsoFile[];
}

type FileSystem = 'udf' | 'iso';

const PROGRAM = '7zz';
const SECTOR = 2048;
/** Volume descriptors begin here, one for each sector, each with a five-letter name behind its first byte. */
const FIRST_DESCRIPTOR = 16;
const DESCRIPTORS = 16;

/** Files that are taken for an ISO by mistake, by their first bytes. */
const KNOWN_BEGINNINGS: [begin: string, what: string][] = [
  ['MSWIM\0', 'a WIM file; give the ISO that it came from'],
  ['QFI\xfb', 'a qcow2 disk'],
  ['conectix', 'a VHD disk'],
  ['vhdxfile', 'a VHDX disk'],
  ['PK\x03\x04', 'a ZIP archive'],
  ['MZ', 'a Windows program'],
  ['<!DOCTYPE', 'a web page: the download gave a page instead of the file'],
  ['<html', 'a web page: the download gave a page instead of the file'],
];

/** @throws LabError LAB_ISO_MISSING, LAB_ISO_NONE, LAB_ISO_DAMAGED, LAB_ISO_READ. */
export async function readIso(path: string): Promise<Iso> {
  const sizeBytes = await fileSize(path);
  const fileSystem = await fileSystemOf(path, sizeBytes);
  const { exitCode, stdout, stderr } = await sevenZip(['l', '-slt', `-t${fileSystem}`, '--', path]);
  const [head = '', list = ''] = stdout.split(/^-{10}$/m, 2);
  if (exitCode !== 0) {
    const expected = /^Physical Size = (\d+)$/m.exec(head)?.[1];
    const expectedBytes = expected === undefined ? undefined : Number(expected);
    throw damaged({ path, sizeBytes }, { expectedBytes, words: stderr });
  }
  return { path, sizeBytes, fileSystem, files: listed(list) };
}

/**
 * One file's content, from its begin; breaking off the iteration ends the reading.
 * @throws LabError LAB_ISO_DAMAGED when the file is not there as a whole.
 */
export async function* readIsoFile(iso: Iso, { path }: IsoFile): AsyncGenerator<Uint8Array> {
  const args = ['e', '-so', `-t${iso.fileSystem}`, '--', iso.path, path];
  const reader = execa(PROGRAM, args, { buffer: { stdout: false }, reject: false, env: { LC_ALL: 'C' } });
  try {
    for await (const chunk of reader.stdout) yield chunk as Uint8Array;
  } finally {
    reader.kill();
  }
  const { exitCode, stderr } = await reader;
  if (exitCode !== 0) throw damaged(iso, { words: stderr });
}

async function fileSize(path: string): Promise<number> {
  const found = await stat(path).catch(() => undefined);
  if (found?.isFile()) return found.size;
  throw new LabError({
    code: 'LAB_ISO_MISSING',
    blame: 'usage',
    message: found ? `'${path}' is not a file` : `there is no file '${path}'`,
  });
}

/** UDF where there is a descriptor of it: beside it ISO 9660 may say nothing. */
async function fileSystemOf(path: string, sizeBytes: number): Promise<FileSystem> {
  await using file = await open(path).catch((error: unknown) => {
    throw new LabError({
      code: 'LAB_ISO_READ',
      blame: 'host',
      message: `'${path}' cannot be read: ${(error as Error).message}`,
      cause: error,
    });
  });
  const descriptors = await read(file, FIRST_DESCRIPTOR * SECTOR, DESCRIPTORS * SECTOR);
  const names = Array.from({ length: DESCRIPTORS }, (_, index) =>
    descriptors.toString('latin1', index * SECTOR + 1, index * SECTOR + 6),
  );
  if (names.some((name) => name === 'NSR02' || name === 'NSR03')) return 'udf';
  if (names[0] === 'CD001') return 'iso';
  throw notAnIso(path, sizeBytes, await read(file, 0, 16));
}

async function read(file: FileHandle, position: number, length: number): Promise<Buffer> {
  const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, position);
  return buffer.subarray(0, bytesRead);
}

function notAnIso(path: string, sizeBytes: number, begin: Buffer): LabError {
  const text = begin.toString('latin1');
  const known = KNOWN_BEGINNINGS.find(([start]) => text.toLowerCase().startsWith(start.toLowerCase()));
  const bytes = begin.toString('hex').replaceAll(/(..)(?=.)/g, '$1 ');
  const shown = sizeBytes === 0 ? 'the file is empty' : `it has ${sizeBytes} bytes and begins with ${bytes}`;
  return new LabError({
    code: 'LAB_ISO_NONE',
    blame: 'usage',
    message:
      `'${path}' is not an ISO: no volume descriptor at byte ${FIRST_DESCRIPTOR * SECTOR}; ${shown}` +
      (known ? ` (${known[1]})` : ''),
    next: 'give the ISO file as it was downloaded from Microsoft',
  });
}

/** Of `7zz l -slt`: blocks of `Name = value`, one for each file or folder. */
function listed(text: string): IsoFile[] {
  return text.split('\n\n').flatMap((block) => {
    const path = /^Path = (.*)$/m.exec(block)?.[1];
    const size = /^Size = (\d+)$/m.exec(block)?.[1];
    return path === undefined || size === undefined || /^Folder = \+$/m.test(block)
      ? []
      : [{ path, sizeBytes: Number(size) }];
  });
}

function damaged(
  { path, sizeBytes }: Pick<Iso, 'path' | 'sizeBytes'>,
  { expectedBytes, words }: { expectedBytes?: number | undefined; words: string },
): LabError {
  const isCut = expectedBytes !== undefined && expectedBytes > sizeBytes;
  const said = words.split('\n').filter((line) => line.trim() !== '' && line !== 'ERRORS:');
  return new LabError({
    code: 'LAB_ISO_DAMAGED',
    blame: 'usage',
    message: isCut
      ? `'${path}' is cut: it has ${sizeBytes} bytes, and its file system at least ${expectedBytes}`
      : `'${path}' is cut or damaged: it has ${sizeBytes} bytes; 7-Zip says: ${said.join('; ')}`,
    next: 'download it again, and compare its SHA-256 with the one that the download page names',
  });
}

async function sevenZip(args: string[]): Promise<{ exitCode: number; stdout: string; stderr: string }> {
  const result = await execa(PROGRAM, args, { reject: false, env: { LC_ALL: 'C' } });
  const { exitCode, stdout, stderr } = result;
  if (exitCode !== undefined) return { exitCode, stdout, stderr };
  throw new LabError({
    code: 'LAB_ISO_READ',
    blame: 'host',
    message: `${PROGRAM}, which reads ISO files, did not come to its end: ${result.shortMessage ?? ''}`,
    next: 'install the Debian package 7zip',
    cause: result.cause,
  });
}
