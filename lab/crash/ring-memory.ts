/**
 * The recorder's ring as its memory shows it (drivers/include/wsktr_ring.h), read from outside a guest that stands still.
 * The memory is a crashed guest's: nothing in it is believed that was not checked, and what cannot be a record ends the
 * reading.
 */

/** What the ring still held. */
export interface RingRest {
  /** Whole records in order, as the agent would have sent them: those that follow what has arrived. */
  records: Buffer;
  /** Records that were being written when the guest stopped; the ones behind them count them as discarded. */
  unfinished: number;
  /** What the ring itself had no room for, since the trace began. */
  discarded: number;
  /** Why there may be more than `records` says, or a hole before them; undefined: this is all of it. */
  loss: string | undefined;
}

const MAGIC = 0x474e4952;
const LAYOUT = 3;
const DATA_OFFSET = 4096;
const POSITION_BITS = 40n;
const SKIP_ID = 0xffff;
const RECORD_HEADER_BYTES = 24;

interface Header {
  dataBytes: number;
  /** In bytes since the ring was formatted. */
  tail: number;
  end: number;
  releasedRecordBytes: number;
  discarded: number;
}

/**
 * The records that a reader who has `receivedBytes` of them does not have. A string says why the memory holds no ring.
 * Never throws.
 */
export function readRingMemory(memory: Buffer, receivedBytes: number): RingRest | string {
  const header = parseHeader(memory);
  return typeof header === 'string' ? header : new Reading(memory, header).rest(receivedBytes);
}

function parseHeader(memory: Buffer): Header | string {
  if (memory.length < DATA_OFFSET + 4096) return `${memory.length} bytes are too few for a ring`;
  const magic = memory.readUInt32LE(0);
  if (magic !== MAGIC) return `no ring is there: it begins with 0x${magic.toString(16)}`;
  const layout = memory.readUInt32LE(4);
  if (layout !== LAYOUT) return `a ring of layout ${layout}, and this lab reads layout ${LAYOUT}`;
  const dataBytes = Number(memory.readBigUInt64LE(8));
  if (dataBytes > memory.length - DATA_OFFSET || dataBytes < 4096 || !Number.isInteger(Math.log2(dataBytes)))
    return `a ring of ${dataBytes} bytes does not fit into ${memory.length} bytes of memory`;
  const head = memory.readBigUInt64LE(64);
  const end = Number(BigInt.asUintN(Number(POSITION_BITS), head)) * 8;
  const tail = Number(memory.readBigUInt64LE(128));
  if (tail > end || end - tail > dataBytes || tail % 8 !== 0)
    return `the ring's ends cannot be: it begins at ${tail} and ends at ${end}`;
  const releasedRecordBytes = Number(memory.readBigUInt64LE(152));
  if (releasedRecordBytes > tail)
    return `more records were given away (${releasedRecordBytes}) than there was room for`;
  return { dataBytes, tail, end, releasedRecordBytes, discarded: Number(head >> POSITION_BITS) };
}

class Reading {
  readonly #memory: Buffer;
  readonly #header: Header;
  readonly #records: Buffer[] = [];
  #unfinished = 0;
  /** Known to be missing before the record that is read next; 1 stands for a hole of unknown size. */
  #missing = 0;
  #loss: string | undefined;

  constructor(memory: Buffer, header: Header) {
    this.#memory = memory;
    this.#header = header;
  }

  rest(receivedBytes: number): RingRest {
    const { releasedRecordBytes, discarded } = this.#header;
    // Of the records that the ring still has, the first stands here in the stream of all.
    let at = releasedRecordBytes;
    if (receivedBytes < at)
      this.#lose(`${at - receivedBytes} bytes of records were lost on their way out of the guest`);
    for (const record of this.#walk()) {
      const isKnown = at < receivedBytes;
      at += record.length;
      if (!isKnown) this.#records.push(this.#counted(record));
      else if (at > receivedBytes) this.#lose('what arrived does not end where a record of the ring ends');
    }
    if (at < receivedBytes) this.#lose('more has arrived than the ring ever held');
    return {
      records: Buffer.concat(this.#records),
      unfinished: this.#unfinished,
      discarded: discarded + this.#missing,
      loss: this.#loss,
    };
  }

  *#walk(): Generator<Buffer> {
    const { dataBytes, tail, end } = this.#header;
    for (let cursor = tail; cursor < end;) {
      const offset = cursor % dataBytes;
      const at = DATA_OFFSET + offset;
      const id = this.#memory.readUInt16LE(at);
      const size = this.#memory.readUInt16LE(at + 2);
      const isPossible = size % 8 === 0 && size <= dataBytes - offset && size <= end - cursor;
      const isRecord = size >= RECORD_HEADER_BYTES || (id === SKIP_ID && size > 0);
      if (!isPossible || !isRecord) return this.#stop(end - cursor, size);
      cursor += size;
      if (id === 0) {
        this.#unfinished++;
        this.#missing++;
      } else if (id !== SKIP_ID) yield this.#memory.subarray(at, at + size);
    }
  }

  #stop(leftBytes: number, size: number): void {
    this.#lose(
      `the last ${leftBytes} bytes of the ring cannot be read: a record of ${size} bytes stands there`,
    );
  }

  #lose(why: string): void {
    this.#missing ||= 1;
    this.#loss ??= why;
  }

  /** What is missing before it, its own count tells. */
  #counted(record: Buffer): Buffer {
    if (this.#missing === 0) return record;
    const copy = Buffer.from(record);
    copy.writeUInt32LE(Math.min(0xffff_ffff, record.readUInt32LE(4) + this.#missing), 4);
    return copy;
  }
}
