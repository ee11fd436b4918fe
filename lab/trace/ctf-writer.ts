/**
 * Writes a trace folder while the agent's blocks arrive. Every packet is written whole and stands alone: if the
 * lab dies, the file is readable up to its last packet.
 */
import { randomBytes } from 'node:crypto';
import { mkdir, open, writeFile, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { METADATA_FILE, PACKET_PROLOGUE_BYTES, renderPrologue, STREAM_FILE } from './ctf-layout.ts';
import { renderMetadata } from './ctf-metadata.ts';
import { RecordDecoder } from './decoder.ts';
import { LAYOUTS } from './layout.ts';
import type { TraceRecord } from './records.ts';
import type { TraceError } from './trace-error.ts';

const BYTES_BY_EVENT = new Map(
  LAYOUTS.map(({ name, bytes, contentBytes }) => [name, { bytes, contentBytes }]),
);

export interface TraceSummary {
  records: number;
  /** Records that the ring had no place for. */
  discarded: number;
  /** trace_stop was written. */
  isComplete: boolean;
  /** What ended the trace before its time. */
  failure: TraceError | undefined;
}

export class CtfWriter implements AsyncDisposable {
  readonly #folder: string;
  readonly #stream: FileHandle;
  readonly #decoder = new RecordDecoder();
  readonly #uuid = randomBytes(16);
  readonly #startedAtNs: bigint;
  #records = 0;
  /** Bytes of whole packets in the file. */
  #written = 0;
  /** What the packets written so far say is missing. */
  #discarded = 0;
  #lastTicks = 0n;

  private constructor(folder: string, stream: FileHandle, startedAtNs: bigint) {
    this.#folder = folder;
    this.#stream = stream;
    this.#startedAtNs = startedAtNs;
  }

  /** Makes the folder and its files. `startedAtNs` is the wall time of trace_start in ns since 1970. */
  static async create(folder: string, startedAtNs: bigint): Promise<CtfWriter> {
    await mkdir(folder, { recursive: true });
    return new CtfWriter(folder, await open(join(folder, STREAM_FILE), 'wx'), startedAtNs);
  }

  /** Stores a block as it came from the agent, cut anywhere, and returns the records that it completed. */
  async append(block: Buffer): Promise<TraceRecord[]> {
    const { records, bytes } = this.#decoder.push(block);
    if (this.#records === 0 && records.length > 0) await this.#writeMetadata(bytes);
    const packets: Buffer[] = [];
    let at = 0;
    for (const run of runsWithoutLoss(records, this.#discarded)) {
      const size = run.reduce((sum, record) => sum + (BYTES_BY_EVENT.get(record.event)?.bytes ?? 0), 0);
      packets.push(...this.#renderPackets(run, bytes.subarray(at, at + size)));
      at += size;
    }
    await this.#writeWhole(Buffer.concat(packets));
    this.#records += records.length;
    return records;
  }

  /** Ends the file. `discarded` is what the agent says that was lost in all: also what was lost last. */
  async finish(discarded = 0): Promise<TraceSummary> {
    this.#decoder.end();
    if (discarded > this.#discarded && this.#records > 0)
      await this.#writeWhole(this.#renderGap(discarded, this.#lastTicks));
    await this.#stream.close();
    return {
      records: this.#records,
      discarded: Math.max(discarded, this.#discarded),
      isComplete: this.#decoder.isComplete,
      failure: this.#decoder.failure,
    };
  }

  /** Closes the file if finish() was not reached. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#stream.close();
  }

  /** On a full disk too, the file ends with a whole packet: babeltrace2 reads nothing of a file that does not. */
  async #writeWhole(packets: Buffer): Promise<void> {
    try {
      await this.#stream.appendFile(packets);
      this.#written += packets.length;
    } catch (error) {
      await this.#stream.truncate(this.#written);
      throw error;
    }
  }

  async #writeMetadata(bytes: Buffer): Promise<void> {
    const frequency = this.#decoder.frequency;
    const wallTicks = (this.#startedAtNs * BigInt(frequency)) / 1_000_000_000n;
    const identity = { uuid: this.#uuid, frequency, offsetTicks: wallTicks - ticksAt(bytes, 0) };
    this.#lastTicks = ticksAt(bytes, 0);
    await writeFile(join(this.#folder, METADATA_FILE), renderMetadata(identity));
  }

  /** One packet for the run, and before it an empty one for what is missing there. */
  #renderPackets(run: TraceRecord[], bytes: Buffer): Buffer[] {
    const first = run[0];
    const last = run.at(-1);
    if (!first || !last) return [];
    const layout = BYTES_BY_EVENT.get(last.event) ?? { bytes: 0, contentBytes: 0 };
    const begin = ticksAt(bytes, 0);
    const gap = first.discarded > this.#discarded ? [this.#renderGap(first.discarded, begin)] : [];
    this.#lastTicks = ticksAt(bytes, bytes.length - layout.bytes);
    const sizes = {
      contentBytes: PACKET_PROLOGUE_BYTES + bytes.length - (layout.bytes - layout.contentBytes),
      packetBytes: PACKET_PROLOGUE_BYTES + bytes.length,
    };
    const discarded = this.#discarded;
    const prologue = renderPrologue(this.#uuid, { begin, end: this.#lastTicks, ...sizes, discarded }, bytes);
    return [...gap, prologue, bytes];
  }

  /** A packet without records, from the last record to `end`: the place and the number of those that are missing. */
  #renderGap(discarded: number, end: bigint): Buffer {
    this.#discarded = discarded;
    const sizes = { contentBytes: PACKET_PROLOGUE_BYTES, packetBytes: PACKET_PROLOGUE_BYTES };
    const prologue = { begin: this.#lastTicks, end, ...sizes, discarded };
    return renderPrologue(this.#uuid, prologue, Buffer.alloc(0));
  }
}

/** Ticks of the record that begins at `at`. */
const ticksAt = (bytes: Buffer, at: number) => bytes.readBigUInt64LE(at + 8);

/** Cuts records where the number of discarded ones steps up. */
function runsWithoutLoss(records: TraceRecord[], discarded: number): TraceRecord[][] {
  const runs: TraceRecord[][] = [];
  let begin = 0;
  records.forEach((record, index) => {
    if (record.discarded === discarded) return;
    discarded = record.discarded;
    if (index > begin) runs.push(records.slice(begin, index));
    begin = index;
  });
  if (begin < records.length) runs.push(records.slice(begin));
  return runs;
}
