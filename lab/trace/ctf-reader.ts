/** Reads a trace folder that CtfWriter made, also an unfinished one, packet by packet. */
import { open, readFile, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { isIntact, METADATA_FILE, PACKET_PROLOGUE_BYTES, parsePrologue, STREAM_FILE } from './ctf-layout.ts';
import { parseMetadata } from './ctf-metadata.ts';
import type { TraceSummary } from './ctf-writer.ts';
import { RecordDecoder } from './decoder.ts';
import type { TraceRecord } from './records.ts';
import { TraceError } from './trace-error.ts';

export class CtfReader {
  /** What is known of the trace so far; final once `packets` has ended. */
  readonly summary: TraceSummary = { records: 0, discarded: 0, isComplete: false, failure: undefined };

  readonly #streamPath: string;
  readonly #uuid: Buffer;
  readonly #decoder = new RecordDecoder();

  private constructor(streamPath: string, uuid: Buffer) {
    this.#streamPath = streamPath;
    this.#uuid = uuid;
  }

  /** Throws a TraceError if `folder` holds no trace, another tracer's, or one of another schema version. */
  static async open(folder: string): Promise<CtfReader> {
    const path = join(folder, METADATA_FILE);
    const metadata = await readFile(path, 'utf8').catch((cause: unknown) => {
      throw new TraceError('LAB_TRACE_FOREIGN', 0, `no trace in '${folder}': ${(cause as Error).message}`, [
        folder,
      ]);
    });
    return new CtfReader(join(folder, STREAM_FILE), parseMetadata(metadata, path).uuid);
  }

  /**
   * The records of one packet after the other, once; memory does not grow with the trace. A damaged or unfinished
   * file ends it without throwing: `summary.failure` then says where, as an offset in the stream file.
   */
  async *packets(): AsyncGenerator<readonly TraceRecord[]> {
    const stream = await open(this.#streamPath).catch((cause: unknown) => {
      throw new TraceError('LAB_TRACE_FOREIGN', 0, `trace without its records: ${(cause as Error).message}`, [
        this.#streamPath,
      ]);
    });
    try {
      for (let offset = 0; ;) {
        const packet = await this.#readPacket(stream, offset);
        if (packet) yield packet.records;
        if (!packet || this.summary.failure) return;
        offset += packet.bytes;
      }
    } finally {
      await stream.close();
    }
  }

  /** The records one by one. */
  async *records(): AsyncGenerator<TraceRecord> {
    for await (const records of this.packets()) yield* records;
  }

  /** The packet at `offset`; undefined at the end of the file, or when the summary has a failure. */
  async #readPacket(stream: FileHandle, offset: number) {
    const prologueBytes = await readAt(stream, offset, PACKET_PROLOGUE_BYTES);
    if (prologueBytes.length === 0) return undefined;
    const prologue = this.#parsePrologue(prologueBytes, offset);
    if (!prologue) return undefined;
    const contentOffset = offset + PACKET_PROLOGUE_BYTES;
    const content = await readAt(stream, contentOffset, prologue.packetBytes - PACKET_PROLOGUE_BYTES);
    const isWhole = contentOffset + content.length === offset + prologue.packetBytes;
    if (isWhole && !isIntact(prologueBytes, content))
      return this.#fail(
        'LAB_TRACE_MALFORMED',
        offset,
        'what was written is not what is there: wrong checksum',
      );
    const { records } = this.#decode(content, contentOffset);
    if (!isWhole)
      this.#fail('LAB_TRACE_CUT', contentOffset + content.length, 'the trace ends inside a packet,');
    return { records, bytes: prologue.packetBytes };
  }

  #parsePrologue(bytes: Buffer, offset: number) {
    if (bytes.length < PACKET_PROLOGUE_BYTES)
      return this.#fail('LAB_TRACE_CUT', offset + bytes.length, "the trace ends inside a packet's header,");
    try {
      const prologue = parsePrologue(this.#uuid, bytes, offset);
      if (prologue.discarded < this.summary.discarded)
        return this.#fail('LAB_TRACE_MALFORMED', offset + 64, 'the number of discarded records falls');
      this.summary.discarded = prologue.discarded;
      return prologue;
    } catch (error) {
      if (!(error instanceof TraceError)) throw error;
      this.summary.failure = error;
      return undefined;
    }
  }

  #decode(content: Buffer, offset: number) {
    this.#decoder.seek(offset);
    const block = this.#decoder.push(content);
    this.#decoder.end();
    this.summary.records += block.records.length;
    this.summary.discarded = Math.max(this.summary.discarded, this.#decoder.discarded);
    this.summary.isComplete = this.#decoder.isComplete;
    this.summary.failure ??= this.#decoder.failure;
    return block;
  }

  #fail(code: 'LAB_TRACE_CUT' | 'LAB_TRACE_MALFORMED', offset: number, message: string): undefined {
    this.summary.failure ??= new TraceError(code, offset, message, [this.#streamPath]);
  }
}

/** Up to `size` bytes: fewer only at the end of the file. */
async function readAt(file: FileHandle, offset: number, size: number): Promise<Buffer> {
  const buffer = Buffer.allocUnsafe(size);
  let length = 0;
  for (;;) {
    const { bytesRead } = await file.read(buffer, length, size - length, offset + length);
    length += bytesRead;
    if (bytesRead === 0 || length === size) return buffer.subarray(0, length);
  }
}
