/** Decodes the bytes of a trace, as the recorder's ring gives them, into records. */
import { fieldReader, readU64, type FieldReader } from './field-codec.ts';
import { LAYOUTS } from './layout.ts';
import type { TraceRecord } from './records.ts';
import { HEADER_BYTES, SCHEMA_VERSION, SIDE } from './schema.ts';
import { TraceError, type TraceErrorCode } from './trace-error.ts';

interface EventReader {
  event: string;
  bytes: number;
  fields: { name: string; offset: number; read: FieldReader }[];
}

/** By event id. */
const READERS: (EventReader | undefined)[] = [];
for (const { id, name, bytes, fields } of LAYOUTS)
  READERS[id] = {
    event: name,
    bytes,
    fields: fields.map((field) => ({ name: field.name, offset: field.offset, read: fieldReader(field) })),
  };

const TRACE_START = LAYOUTS.find((layout) => layout.name === 'trace_start')?.id;
const TRACE_STOP = LAYOUTS.find((layout) => layout.name === 'trace_stop')?.id;
const LARGEST_SIDE = Math.max(...Object.values(SIDE));

/** Whole records: decoded, and the bytes that they were decoded from. */
export interface DecodedBlock {
  records: TraceRecord[];
  bytes: Buffer;
}

/**
 * Takes the bytes of a trace in pieces of any size. It never throws: what cannot be decoded sets `failure`, and
 * nothing is decoded after that. Every call takes time in proportion to its bytes.
 */
export class RecordDecoder {
  /** Why decoding ended before its time. */
  failure: TraceError | undefined;
  /** trace_stop was decoded: the trace is whole. */
  isComplete = false;
  /** Ticks per second; 0 before trace_start. */
  frequency = 0;
  /** Records that the recorder could not store, as the last record said. */
  discarded = 0;

  #rest: Buffer = Buffer.alloc(0);
  /** Bytes of the stream before `#rest`. */
  #offset = 0;
  #position = 0;
  #startTicks = { low: 0, high: 0 };
  #lastTicks = 0;

  /** Decodes the whole records among what came so far. */
  push(chunk: Buffer): DecodedBlock {
    const records: TraceRecord[] = [];
    if (this.failure) return { records, bytes: Buffer.alloc(0) };
    const bytes = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    let at = 0;
    while (bytes.length - at >= HEADER_BYTES) {
      const reader = this.#checkHeader(bytes, at);
      if (!reader || bytes.length - at < reader.bytes) break;
      const record = this.#decode(reader, bytes, at);
      if (!record) break;
      records.push(record);
      at += reader.bytes;
    }
    this.#rest = bytes.subarray(at);
    this.#offset += at;
    return { records, bytes: bytes.subarray(0, at) };
  }

  /** The bytes pushed next begin at `offset` of their file: errors speak of offsets there. Between records only. */
  seek(offset: number): void {
    this.#offset = offset;
  }

  /** Nothing more comes: bytes of an unfinished record become a failure. */
  end(): void {
    if (this.#rest.length > 0)
      this.#fail(
        0,
        `the trace ends inside a record, ${this.#rest.length} bytes of it are there,`,
        'LAB_TRACE_CUT',
      );
  }

  #fail(at: number, message: string, code: TraceErrorCode = 'LAB_TRACE_MALFORMED'): undefined {
    this.failure ??= new TraceError(code, this.#offset + at, message);
  }

  #checkHeader(bytes: Buffer, at: number): EventReader | undefined {
    const id = bytes.readUInt16LE(at);
    const reader = READERS[id];
    if (!reader) return this.#fail(at, `no record has the id ${id}`);
    const size = bytes.readUInt16LE(at + 2);
    if (size !== reader.bytes)
      return this.#fail(at + 2, `a ${reader.event} record of ${size} bytes instead of ${reader.bytes}`);
    const side = bytes.readUInt8(at + 23);
    if (side > LARGEST_SIDE) return this.#fail(at + 23, `side ${side} in a ${reader.event} record`);
    if (this.isComplete) return this.#fail(at, `a ${reader.event} record after trace_stop`);
    if ((this.#position === 0) !== (id === TRACE_START))
      return this.#fail(
        at,
        `${reader.event} is record ${this.#position} of the trace, trace_start has to be the first`,
      );
    return reader;
  }

  #decode(reader: EventReader, bytes: Buffer, at: number): TraceRecord | undefined {
    const low = bytes.readUInt32LE(at + 8);
    const high = bytes.readUInt32LE(at + 12);
    if (this.#position === 0 && !this.#start(bytes, at)) return undefined;
    const ticks = (high - this.#startTicks.high) * 0x1_0000_0000 + (low - this.#startTicks.low);
    if (ticks < this.#lastTicks)
      return this.#fail(
        at + 8,
        `time runs backwards by ${this.#lastTicks - ticks} ticks in a ${reader.event} record`,
      );
    const discarded = bytes.readUInt32LE(at + 4);
    if (discarded < this.discarded)
      return this.#fail(
        at + 4,
        `the number of discarded records falls from ${this.discarded} to ${discarded}`,
      );

    this.#lastTicks = ticks;
    this.discarded = discarded;
    this.isComplete = bytes.readUInt16LE(at) === TRACE_STOP;
    const record: Record<string, unknown> = {
      event: reader.event,
      position: this.#position++,
      time: Math.round((ticks * 1e9) / this.frequency),
      tid: bytes.readUInt32LE(at + 16),
      cpu: bytes.readUInt16LE(at + 20),
      irql: bytes.readUInt8(at + 22),
      side: bytes.readUInt8(at + 23),
      discarded,
    };
    for (const { name, offset, read } of reader.fields) record[name] = read(bytes, at + offset);
    return record as unknown as TraceRecord;
  }

  #start(bytes: Buffer, at: number): boolean {
    const [frequency, , , schema] = READERS[TRACE_START ?? 0]?.fields ?? [];
    const version = Number(schema?.read(bytes, at + schema.offset));
    if (version !== SCHEMA_VERSION) {
      this.#fail(
        at + (schema?.offset ?? 0),
        `trace of schema version ${version}, this lab reads version ${SCHEMA_VERSION}`,
        'LAB_TRACE_VERSION',
      );
      return false;
    }
    this.frequency = readU64(bytes, at + (frequency?.offset ?? 0));
    if (this.frequency === 0) this.#fail(at + (frequency?.offset ?? 0), 'a clock of frequency 0');
    this.#startTicks = { low: bytes.readUInt32LE(at + 8), high: bytes.readUInt32LE(at + 12) };
    return this.frequency > 0;
  }
}
