/**
 * Frames between the lab and the agent (drivers/include/lab_agent.h). What arrives is the guest's and untrusted: lengths
 * are bounded, and a reader that loses its place finds the next frame, a bounded number of times.
 */
import { crc32 } from 'node:zlib';

export const FRAME = {
  HELLO: 1,
  HELLO_REPLY: 2,
  SET_CLOCK: 3,
  OK: 4,
  ERROR: 5,
  TRACE_START: 6,
  TRACE_STOP: 7,
  TRACE_DATA: 8,
  TRACE_END: 9,
  HEALTH: 10,
  LOG: 11,
  PUT_FILE: 12,
  RUN: 13,
  RUN_REPLY: 14,
  RESEED: 15,
} as const;

export interface Frame {
  type: number;
  request: number;
  payload: Buffer;
}

const MAGIC = Buffer.from('WLAG', 'latin1');
const HEADER_BYTES = 20;
export const MAX_PAYLOAD_BYTES = 1024 * 1024;
/** Each one costs up to a checksum over 1 MiB: without a limit, a hostile guest could keep the lab busy for hours. */
const MAX_RESYNCS = 1000;

export function encodeFrame({ type, request, payload }: Frame): Buffer {
  const header = Buffer.alloc(HEADER_BYTES);
  MAGIC.copy(header);
  header.writeUInt16LE(type, 4);
  header.writeUInt32LE(request, 8);
  header.writeUInt32LE(payload.length, 12);
  header.writeUInt32LE(crc32(payload), 16);
  return Buffer.concat([header, payload]);
}

export class FrameDecoder {
  /** Bytes that belonged to no valid frame. */
  skippedBytes = 0;
  /** How often the place was lost. */
  resyncs = 0;
  #chunks: Buffer[] = [];
  #buffered = 0;
  #needed = HEADER_BYTES;
  #lost = false;

  /** The whole frames that are now complete, in order. Throws when the guest sends little but garbage. */
  push(chunk: Buffer): Frame[] {
    this.#chunks.push(chunk);
    this.#buffered += chunk.length;
    // Joining only when a frame can be complete keeps a frame that comes byte by byte from costing its square.
    if (this.#buffered < this.#needed) return [];
    let rest = this.#chunks.length === 1 ? chunk : Buffer.concat(this.#chunks, this.#buffered);
    const frames: Frame[] = [];
    for (;;) {
      rest = this.#skipToMagic(rest);
      this.#needed = HEADER_BYTES;
      if (rest.length < HEADER_BYTES) break;
      const length = rest.readUInt32LE(12);
      if (length > MAX_PAYLOAD_BYTES || rest.readUInt16LE(6) !== 0) {
        rest = this.#skip(rest, MAGIC.length);
        continue;
      }
      this.#needed = HEADER_BYTES + length;
      if (rest.length < this.#needed) break;
      const payload = rest.subarray(HEADER_BYTES, this.#needed);
      if (crc32(payload) !== rest.readUInt32LE(16)) {
        rest = this.#skip(rest, MAGIC.length);
        continue;
      }
      frames.push({ type: rest.readUInt16LE(4), request: rest.readUInt32LE(8), payload });
      this.#lost = false;
      rest = rest.subarray(this.#needed);
    }
    this.#chunks = rest.length === 0 ? [] : [rest];
    this.#buffered = rest.length;
    return frames;
  }

  #skipToMagic(rest: Buffer): Buffer {
    const at = rest.indexOf(MAGIC);
    if (at === 0) return rest;
    if (at > 0) return this.#skip(rest, at);
    // The last bytes may be the beginning of a magic.
    let kept = Math.min(MAGIC.length - 1, rest.length);
    while (kept > 0 && !rest.subarray(rest.length - kept).equals(MAGIC.subarray(0, kept))) kept--;
    return kept === rest.length ? rest : this.#skip(rest, rest.length - kept);
  }

  #skip(rest: Buffer, bytes: number): Buffer {
    this.skippedBytes += bytes;
    const startsAtMagic = rest.subarray(0, MAGIC.length).equals(MAGIC);
    if ((startsAtMagic || !this.#lost) && ++this.resyncs > MAX_RESYNCS)
      throw new Error(`more than ${MAX_RESYNCS} broken frames (${this.skippedBytes} bytes belonged to none)`);
    this.#lost = true;
    return rest.subarray(bytes);
  }
}
