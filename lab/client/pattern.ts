/**
 * The bytes that clients send: byte `offset` of connection `connection` is always the same, and depends on
 * both, so that bytes that are lost, doubled, swapped or given to another connection are seen at their offset.
 */

/** A prime, so that the pattern repeats at no power of two that a buffer or segment may have. */
const PERIOD = 65_521;
const table = makeTable();

/** `length` bytes of a connection's stream from `offset` on. */
export function patternBytes(connection: number, offset: number, length: number): Buffer {
  const bytes = Buffer.allocUnsafe(length);
  let at = phase(connection, offset);
  for (let done = 0; done < length;) {
    const run = Math.min(length - done, PERIOD - at);
    table.copy(bytes, done, at, at + run);
    done += run;
    at = 0;
  }
  return bytes;
}

/** Where in `chunk`, which arrived at `offset` of the stream, the first wrong byte is; -1 if none is. */
export function firstMismatch(connection: number, offset: number, chunk: Buffer): number {
  const expected = patternBytes(connection, offset, chunk.length);
  if (expected.equals(chunk)) return -1;
  return chunk.findIndex((byte, index) => byte !== expected[index]);
}

function phase(connection: number, offset: number): number {
  return (connection * 7919 + offset) % PERIOD;
}

function makeTable(): Buffer {
  let state = 0x2545f491;
  return Buffer.from(
    Uint8Array.from({ length: PERIOD }, () => {
      state ^= state << 13;
      state ^= state >>> 17;
      state ^= state << 5;
      return state & 0xff;
    }),
  );
}
