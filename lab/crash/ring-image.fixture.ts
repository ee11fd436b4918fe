/** Test fixture: memory of a ring that the recorder's own code wrote, compiled for this host. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** `write` a record, `begin` one that is never finished, or `read` up to so many bytes, as the agent does. */
export type RingAct = { write: Buffer } | { begin: Buffer } | { read: number };

export class RingWriter implements Disposable {
  readonly #folder = mkdtempSync(join(tmpdir(), 'ring-image-'));
  readonly #program = join(this.#folder, 'ring-image');

  constructor() {
    const source = fileURLToPath(new URL('ring-image.c', import.meta.url));
    execFileSync('clang', ['-O1', '-mcx16', '-Wall', '-Werror', '-o', this.#program, source]);
  }

  memory(dataBytes: number, acts: readonly RingAct[]): Buffer {
    const input = Buffer.concat(acts.flatMap(encode));
    return execFileSync(this.#program, [`${dataBytes}`], { input, maxBuffer: 2 * dataBytes + 65_536 });
  }

  [Symbol.dispose](): void {
    rmSync(this.#folder, { recursive: true });
  }
}

function encode(act: RingAct): Buffer[] {
  const head = (verb: string, count: number) => {
    const bytes = Buffer.alloc(5);
    bytes.write(verb, 0, 'latin1');
    bytes.writeUInt32LE(count, 1);
    return bytes;
  };
  if ('read' in act) return [head('r', act.read)];
  const [verb, record] = 'write' in act ? ['w', act.write] : ['u', act.begin];
  return [head(verb, record.length), record];
}
