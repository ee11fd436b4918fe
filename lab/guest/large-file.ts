/** A file of the guest's that is too large for the lab's memory, such as a memory dump: straight to the host's disk. */
import { open, rename, rm } from 'node:fs/promises';
import { LabError } from '../errors.ts';
import { within } from '../machine/deadline.ts';
import { sftpPath } from './sftp.ts';
import type { SftpSession } from './sftp-session.ts';

export interface LargeFileOptions {
  timeoutMs: number;
  /** A larger file is not fetched. */
  maxBytes: number;
  /** Told how many bytes of how many are there. */
  onProgress?: (bytes: number, of: number) => void;
}

const CHUNK_BYTES = 32 * 1024;
const CHUNKS_AT_ONCE = 32;

/**
 * Fetches the file to `hostPath`, where it appears whole or not at all. Gives its size. Rejects with LAB_SFTP_FAILED when
 * it is not there, LAB_SFTP_TOO_BIG, LAB_SFTP_TIMEOUT.
 */
export async function fetchLargeFile(
  sftp: SftpSession,
  guestPath: string,
  hostPath: string,
  options: LargeFileOptions,
): Promise<number> {
  const path = sftpPath(guestPath);
  const bytes = await sftp.size(path);
  if (bytes > options.maxBytes)
    throw new LabError({
      code: 'LAB_SFTP_TOO_BIG',
      blame: 'guest',
      message: `'${path}' is ${bytes} bytes in the guest, at most ${options.maxBytes} are fetched`,
    });
  const temporary = `${hostPath}.part`;
  const stop = new AbortController();
  try {
    await within(copy(sftp, { path, bytes, temporary }, { ...options, signal: stop.signal }), {
      code: 'LAB_SFTP_TIMEOUT',
      blame: 'guest',
      message: `'${path}' (${bytes} bytes) was not fetched from the guest`,
      timeoutMs: options.timeoutMs,
    });
    await rename(temporary, hostPath);
    return bytes;
  } finally {
    stop.abort();
    await rm(temporary, { force: true });
  }
}

async function copy(
  sftp: SftpSession,
  { path, bytes, temporary }: { path: string; bytes: number; temporary: string },
  { onProgress, signal }: Pick<LargeFileOptions, 'onProgress'> & { signal: AbortSignal },
): Promise<void> {
  await using target = await open(temporary, 'w');
  const source = await sftp.open(path, 'r');
  let next = 0;
  let copied = 0;
  const lane = async () => {
    while (next < bytes && !signal.aborted) {
      const offset = next;
      const part = Buffer.alloc(Math.min(CHUNK_BYTES, bytes - offset));
      next += part.length;
      await sftp.read(source, part, offset);
      await target.write(part, 0, part.length, offset);
      copied += part.length;
      onProgress?.(copied, bytes);
    }
  };
  await Promise.all(Array.from({ length: CHUNKS_AT_ONCE }, lane));
  await sftp.close(source);
}
