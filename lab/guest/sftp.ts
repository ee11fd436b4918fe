/**
 * Files to and from a guest, whole or not at all: written under another name, read back and compared by size and
 * SHA-256, then renamed. Reading back costs the file's size once more and works on every SFTP server.
 */
import { createHash, randomBytes } from 'node:crypto';
import { open, rename, rm } from 'node:fs/promises';
import type { SFTPWrapper } from 'ssh2';
import { LabError } from '../errors.ts';
import { within } from '../machine/deadline.ts';

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
const WORDS: Record<number, string> = {
  2: 'no such file',
  3: 'permission denied',
  4: 'failure',
  8: 'not supported',
};

/** 'C:\lab\x' and '/C:/lab/x' both become '/C:/lab/x', the form of Windows' OpenSSH. */
export function sftpPath(guestPath: string): string {
  const path = guestPath.replaceAll('\\', '/');
  return /^[A-Za-z]:/.test(path) ? `/${path}` : path;
}

/** Puts `content` at the guest's path, replacing what is there. */
export async function putFile(
  sftp: SFTPWrapper,
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
      await replace(sftp, temporary, target);
    } catch (error) {
      // Over a connection that was cut there is nothing to tidy up, and the request would never be answered.
      if (error instanceof LabError && error.code === 'LAB_SSH_CLOSED') throw error;
      await request<void>(temporary, (done) => sftp.unlink(temporary, done)).catch(() => undefined);
      throw error;
    }
  };
  await within(transfer(), transferDeadline(`'${target}' was not put into the guest`, options));
  return file;
}

/** Reads a file of the guest's. Rejects with LAB_SFTP_TOO_BIG beyond `maxBytes` (default 256 MiB). */
export async function readGuestFile(
  sftp: SFTPWrapper,
  guestPath: string,
  options: TransferOptions = {},
): Promise<Buffer> {
  const path = sftpPath(guestPath);
  const transfer = readWhole(sftp, path, options.maxBytes ?? 256 * 1024 * 1024);
  return await within(transfer, transferDeadline(`'${path}' was not read from the guest`, options));
}

/** Fetches a file of the guest's to a path of the caller's choosing; it appears there whole or not at all. */
export async function getFile(
  sftp: SFTPWrapper,
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

async function writeWhole(sftp: SFTPWrapper, path: string, content: Buffer): Promise<void> {
  const handle = await request<Buffer>(path, (done) => sftp.open(path, 'w', done));
  try {
    await inChunks(content.length, (offset, length) =>
      request<void>(path, (done) => sftp.write(handle, content, offset, length, offset, done)),
    );
  } finally {
    await request<void>(path, (done) => sftp.close(handle, done));
  }
}

async function readWhole(sftp: SFTPWrapper, path: string, maxBytes: number): Promise<Buffer> {
  const { size } = await request<{ size: number }>(path, (done) => sftp.stat(path, done));
  if (!Number.isSafeInteger(size)) throw sftpError(path, new Error(`the guest gave no size`));
  if (size > maxBytes)
    throw new LabError({
      code: 'LAB_SFTP_TOO_BIG',
      blame: 'guest',
      message: `'${path}' is ${size} bytes in the guest, at most ${maxBytes} are fetched`,
    });
  const content = Buffer.alloc(size);
  const handle = await request<Buffer>(path, (done) => sftp.open(path, 'r', done));
  try {
    await inChunks(size, (offset, length) => readExactly(sftp, path, handle, content, offset, length));
  } finally {
    await request<void>(path, (done) => sftp.close(handle, done));
  }
  return content;
}

/** A server may answer with less than was asked for. */
async function readExactly(
  sftp: SFTPWrapper,
  path: string,
  handle: Buffer,
  into: Buffer,
  offset: number,
  length: number,
): Promise<void> {
  for (let got = 0; got < length;) {
    const at = offset + got;
    const part = await request<number>(path, (done) => sftp.read(handle, into, at, length - got, at, done));
    if (part <= 0) throw sftpError(path, new Error(`ended at byte ${at} of ${into.length}`));
    got += part;
  }
}

async function inChunks(
  bytes: number,
  transfer: (offset: number, length: number) => Promise<void>,
): Promise<void> {
  let next = 0;
  const lane = async () => {
    while (next < bytes) {
      const offset = next;
      next += CHUNK_BYTES;
      await transfer(offset, Math.min(CHUNK_BYTES, bytes - offset));
    }
  };
  await Promise.all(Array.from({ length: CHUNKS_AT_ONCE }, lane));
}

/** POSIX rename where the server has it; else the target goes first, as a plain SFTP rename replaces nothing. */
async function replace(sftp: SFTPWrapper, from: string, to: string): Promise<void> {
  try {
    await request<void>(to, (done) => sftp.ext_openssh_rename(from, to, done));
  } catch {
    await request<void>(to, (done) => sftp.unlink(to, done)).catch(() => undefined);
    await request<void>(to, (done) => sftp.rename(from, to, done));
  }
}

type Done<T> = (error: Error | null | undefined, result: T) => void;

async function request<T>(path: string, start: (done: Done<T>) => unknown): Promise<T> {
  return await new Promise<T>((resolve, reject) => {
    try {
      start((error, result) => (error ? reject(sftpError(path, error)) : resolve(result)));
    } catch (error) {
      reject(sftpError(path, error as Error));
    }
  });
}

function sftpError(path: string, cause: Error & { code?: unknown }): LabError {
  // The library's error, without a code, for requests that were under way when the connection broke.
  const isCut = cause.code === undefined && /No response from server/.test(cause.message);
  const words = WORDS[Number(cause.code)] ?? cause.message;
  return new LabError({
    code: isCut ? 'LAB_SSH_CLOSED' : 'LAB_SFTP_FAILED',
    blame: 'guest',
    message: `SFTP failed in the guest on '${path}': ${words}`,
    cause,
  });
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
