/**
 * The guest's serial console: written to a file and searched for words, both in bounded space. A guest that prints
 * without end fills neither the disk nor the memory.
 */
import { createWriteStream } from 'node:fs';
import { finished } from 'node:stream/promises';
import type { Readable } from 'node:stream';
import { LabError } from '../errors.ts';
import { within } from './deadline.ts';

const MAX_FILE_BYTES = 16 * 1024 * 1024;
const MAX_TAIL_CHARACTERS = 64 * 1024;

export class GuestConsole {
  readonly path: string;
  /** Settles when the guest can print no more and the file is complete. Never rejects. */
  readonly ended: Promise<void>;
  #tail = '';
  #bytes = 0;
  #hasEnded = false;
  readonly #watchers = new Set<() => void>();
  readonly #lineListeners = new Set<(line: string) => void>();
  #line = '';

  constructor(stream: Readable, path: string) {
    this.path = path;
    const file = createWriteStream(path);
    let fileError: Error | undefined;
    file.on('error', (error) => (fileError = error));
    stream.on('data', (chunk: Buffer) => {
      if (this.#bytes < MAX_FILE_BYTES && !fileError)
        file.write(chunk.subarray(0, MAX_FILE_BYTES - this.#bytes));
      if (this.#bytes < MAX_FILE_BYTES && this.#bytes + chunk.length >= MAX_FILE_BYTES)
        file.write(`\n[the lab stopped writing the console here: ${MAX_FILE_BYTES} bytes]\n`);
      this.#bytes += chunk.length;
      const text = chunk.toString('latin1');
      this.#tail = (this.#tail + text).slice(-MAX_TAIL_CHARACTERS);
      for (const watcher of this.#watchers) watcher();
      this.#tellLines(text);
    });
    this.ended = finished(stream)
      .catch(() => undefined)
      .then(async () => {
        this.#hasEnded = true;
        for (const watcher of this.#watchers) watcher();
        file.end();
        await finished(file).catch(() => undefined);
      });
  }

  /** The end of what the guest has printed: at most 64 KiB, one character per byte. */
  get tail(): string {
    return this.#tail;
  }

  /** The last non-empty lines, without control characters, for messages. */
  lastLines(count: number): string[] {
    const lines = this.#tail
      .split('\n')
      .map((line) => line.replace(/\x1b\[[0-9;?]*[A-Za-z]|[^\x20-\x7e]/g, '').trim())
      .filter((line) => line !== '');
    return lines.slice(-count);
  }

  /** Each line from now on, when it is whole, one character per byte; of a very long one the end. */
  onLine(listener: (line: string) => void): void {
    this.#lineListeners.add(listener);
  }

  #tellLines(text: string): void {
    const lines = (this.#line + text).slice(-MAX_TAIL_CHARACTERS).split('\n');
    this.#line = lines.pop()!;
    for (const line of lines) for (const listener of this.#lineListeners) listener(line);
  }

  /** Waits until the tail matches. Fails with LAB_CONSOLE_TIMEOUT, or LAB_CONSOLE_ENDED when nothing can follow. */
  async waitFor(pattern: RegExp, timeoutMs: number): Promise<RegExpMatchArray> {
    let watcher: (() => void) | undefined;
    const match = new Promise<RegExpMatchArray>((resolve, reject) => {
      watcher = () => {
        const found = this.#tail.match(pattern);
        if (found) resolve(found);
        else if (this.#hasEnded) reject(this.#endedBefore(pattern));
      };
      this.#watchers.add(watcher);
      watcher();
    });
    try {
      return await within(match, {
        code: 'LAB_CONSOLE_TIMEOUT',
        blame: 'guest',
        message: `the guest did not print ${pattern} on its console`,
        timeoutMs,
        seen: () => `last line: '${this.lastLines(1)[0] ?? ''}'`,
        next: `open ${this.path}`,
        evidence: [this.path],
      });
    } finally {
      this.#watchers.delete(watcher!);
    }
  }

  #endedBefore(pattern: RegExp): LabError {
    return new LabError({
      code: 'LAB_CONSOLE_ENDED',
      blame: 'guest',
      message: `the console ended before the guest printed ${pattern} (last line: '${this.lastLines(1)[0] ?? ''}')`,
      next: `open ${this.path}`,
      evidence: [this.path],
    });
  }
}
