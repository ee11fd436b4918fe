/**
 * Files to and from a guest, whole or not at all: written under another name, read back and compared by size and
 * SHA-256, then renamed. Reading back costs the file's size once more and works on every SFTP server.
 */
import { createHash, randomBytes } from 'node:crypto';
import { open, rename, rm } from 'node:fs/promises';
import { LabError } from '../errors.ts';
import { within } from '../machine/deadline.ts';
import type { GuestFile, SftpSession } from './sftp-session.ts';

export interface TransferOptions {
  timeoutMs?: number;
  /** A file of the guest's that is larger is not fetched. */
  maxBytes?: number;
}

export interface TransferredFile {
  bytes: number;
  sha256: string;
}

/** OpenSSH's servers carry at most 256 KiB in a message, older Windows ones 32 KiB less the header. */
const CHUNK_BYTES = 32 * 1024;
const CHUNKS_AT_ONCE = 16;

/** 'C:\lab\x' and '/C:/lab/x' both become '/C:/lab/x', the form of Windows' OpenSSH. */
export function sftpPath(guestPath: string): string {
  const path = guestPath.replaceAll('\\', '/');
  return /^[A-Za-z]:/.test(path) ? `/${path}` : path;
}

/** Puts `content` at the guest's path, replacing what is there. */
export async function putFile(
  sftp: SftpSession,
  content: Uint8Array,
  guestPath: string,
  options: TransferOptions = {},
): Promise<TransferredFile> {
  const target = sftpPath(guestPath);
  const temporary = `${target}.part-${randomBytes(4).toString('hex')}`;
  const file = { bytes: content.length, sha256: createHash('sha256').update(content).digest('hex') };
  const transfer = async () => {
    try {
      await writeWhole(sftp, temporary, Buffer.from(content.buffer, content.byteOffset, content.length));
      const back = await readWhole(sftp, temporary, content.length);
      const sha256 = createHash('sha256').update(back).digest('hex');
      if (back.length !== file.bytes || sha256 !== file.sha256)
        throw corrupted(target, file, back.length, sha256);
      await sftp.replace(temporary, target);
    } catch (error) {
      // Over a connection that was cut there is nothing to tidy up, and the request would never be answered.
      if (error instanceof LabError && error.code === 'LAB_SSH_CLOSED') throw error;
      await sftp.remove(temporary).catch(() => undefined);
      throw error;
    }
  };
  await within(transfer(), transferDeadline(`'${target}' was not put into the guest`, options));
  return file;
}

/** Reads a file of the guest's. Rejects with LAB_SFTP_TOO_BIG beyond `maxBytes` (default 256 MiB). */
export async function readGuestFile(
  sftp: SftpSession,
  guestPath: string,
  options: TransferOptions = {},
): Promise<Buffer> {
  const path = sftpPath(guestPath);
  const transfer = readWhole(sftp, path, options.maxBytes ?? 256 * 1024 * 1024);
  return await within(transfer, transferDeadline(`'${path}' was not read from the guest`, options));
}

/** Fetches a file of the guest's to a path of the caller's choosing; it appears there whole or not at all. */
export async function getFile(
  sftp: SftpSession,
  guestPath: string,
  hostPath: string,
  options: TransferOptions = {},
): Promise<TransferredFile> {
  const content = await readGuestFile(sftp, guestPath, options);
  const temporary = `${hostPath}.part-${randomBytes(4).toString('hex')}`;
  try {
    const file = await open(temporary, 'wx');
    await file.writeFile(content).finally(() => file.close());
    await rename(temporary, hostPath);
  } catch (cause) {
    await rm(temporary, { force: true });
    const isFull = (cause as NodeJS.ErrnoException).code === 'ENOSPC';
    throw new LabError({
      code: isFull ? 'LAB_DISK_FULL' : 'LAB_FILE_WRITE',
      blame: 'host',
      message: `could not write '${hostPath}' (${content.length} bytes): ${(cause as Error).message}`,
      ...(isFull ? { next: 'free space on that disk' } : {}),
      cause,
    });
  }
  return { bytes: content.length, sha256: createHash('sha256').update(content).digest('hex') };
}

async function writeWhole(sftp: SftpSession, path: string, content: Buffer): Promise<void> {
  await inChunks(sftp, await sftp.open(path, 'w'), content, (file, part, offset) =>
    sftp.write(file, part, offset),
  );
}

async function readWhole(sftp: SftpSession, path: string, maxBytes: number): Promise<Buffer> {
  const size = await sftp.size(path);
  if (size > maxBytes)
    throw new LabError({
      code: 'LAB_SFTP_TOO_BIG',
      blame: 'guest',
      message: `'${path}' is ${size} bytes in the guest, at most ${maxBytes} are fetched`,
    });
  const content = Buffer.alloc(size);
  await inChunks(sftp, await sftp.open(path, 'r'), content, (file, part, offset) =>
    sftp.read(file, part, offset),
  );
  return content;
}

/** Transfers `content` part by part, several at a time, and closes the file. */
async function inChunks(
  sftp: SftpSession,
  file: GuestFile,
  content: Buffer,
  transfer: (file: GuestFile, part: Buffer, offset: number) => Promise<void>,
): Promise<void> {
  let next = 0;
  const lane = async () => {
    while (next < content.length) {
      const offset = next;
      next += CHUNK_BYTES;
      await transfer(file, content.subarray(offset, offset + CHUNK_BYTES), offset);
    }
  };
  try {
    await Promise.all(Array.from({ length: CHUNKS_AT_ONCE }, lane));
  } finally {
    await sftp.close(file);
  }
}

function corrupted(path: string, expected: TransferredFile, bytes: number, sha256: string): LabError {
  return new LabError({
    code: 'LAB_SFTP_CORRUPTED',
    blame: 'guest',
    message:
      `'${path}' arrived changed: ${bytes} bytes with SHA-256 ${sha256}, ` +
      `sent ${expected.bytes} bytes with ${expected.sha256}`,
    next: 'see whether the disk of the guest is full, or something in it rewrites the file',
  });
}

function transferDeadline(message: string, { timeoutMs = 60_000 }: TransferOptions) {
  return { code: 'LAB_SFTP_TIMEOUT', blame: 'guest', message, timeoutMs } as const;
}
