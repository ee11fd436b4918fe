/** ssh2's SFTP session with promises, and errors that name the path. */
import type { SFTPWrapper } from 'ssh2';
import { LabError } from '../errors.ts';

/** An open file of the guest's. */
export interface GuestFile {
  path: string;
  handle: Buffer;
}

const WORDS: Record<number, string> = {
  2: 'no such file',
  3: 'permission denied',
  4: 'failure',
  8: 'not supported',
};

type Done = (error?: Error | null) => void;

export class SftpSession {
  readonly #sftp: SFTPWrapper;

  constructor(sftp: SFTPWrapper) {
    this.#sftp = sftp;
  }

  /** The file's size as the guest gives it: not negative, and untrusted. */
  async size(path: string): Promise<number> {
    const { size } = await ask<{ size: number }>(path, (done) => this.#sftp.stat(path, done));
    if (!Number.isSafeInteger(size)) throw sftpError(path, new Error('the guest gave no size'));
    return size;
  }

  async open(path: string, flags: 'r' | 'w'): Promise<GuestFile> {
    return { path, handle: await ask<Buffer>(path, (done) => this.#sftp.open(path, flags, done)) };
  }

  async close({ path, handle }: GuestFile): Promise<void> {
    await tell(path, (done) => this.#sftp.close(handle, done));
  }

  /** Writes all of `part` at `offset` of the file. */
  async write({ path, handle }: GuestFile, part: Buffer, offset: number): Promise<void> {
    await tell(path, (done) => this.#sftp.write(handle, part, 0, part.length, offset, done));
  }

  /** Fills all of `part` from `offset` of the file; a server may give less at once than it is asked for. */
  async read({ path, handle }: GuestFile, part: Buffer, offset: number): Promise<void> {
    for (let got = 0; got < part.length;) {
      const bytes = await ask<number>(path, (done) =>
        this.#sftp.read(handle, part, got, part.length - got, offset + got, done),
      );
      if (bytes <= 0) throw sftpError(path, new Error(`ended at byte ${offset + got}, before its end`));
      got += bytes;
    }
  }

  async remove(path: string): Promise<void> {
    await tell(path, (done) => this.#sftp.unlink(path, done));
  }

  /** Renames, replacing what is there: by the POSIX extension where the server has it, else by removing it first. */
  async replace(from: string, to: string): Promise<void> {
    try {
      await tell(to, (done) => this.#sftp.ext_openssh_rename(from, to, done));
    } catch {
      await this.remove(to).catch(() => undefined);
      await tell(to, (done) => this.#sftp.rename(from, to, done));
    }
  }
}

async function ask<T>(
  path: string,
  start: (done: (error: Error | undefined, result: T) => void) => unknown,
): Promise<T> {
  return await new Promise<T>((resolve, reject) => {
    try {
      start((error, result) => {
        if (error) reject(sftpError(path, error));
        else resolve(result);
      });
    } catch (error) {
      reject(sftpError(path, error as Error));
    }
  });
}

async function tell(path: string, start: (done: Done) => unknown): Promise<void> {
  await ask<undefined>(path, (done) => start((error) => done(error ?? undefined, undefined)));
}

function sftpError(path: string, cause: Error & { code?: unknown }): LabError {
  // The library's error, without a code, for requests that were under way when the connection broke.
  const isCut = cause.code === undefined && cause.message.includes('No response from server');
  const words = WORDS[Number(cause.code)] ?? cause.message;
  return new LabError({
    code: isCut ? 'LAB_SSH_CLOSED' : 'LAB_SFTP_FAILED',
    blame: 'guest',
    message: `SFTP failed in the guest on '${path}': ${words}`,
    cause,
  });
}
