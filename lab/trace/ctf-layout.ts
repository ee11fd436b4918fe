/**
 * How a trace folder stores records as CTF 1.8: 'metadata' (TSDL text) and 'stream_0', a row of packets. A
 * packet is a header, a context and whole records exactly as the recorder made them. The checksum in its header covers
 * all the rest of it: a changed bit must not look like something that a driver did.
 */
import { crc32 } from 'node:zlib';
import { TraceError } from './trace-error.ts';

export const METADATA_FILE = 'metadata';
export const STREAM_FILE = 'stream_0';

/** Of this layout, in the metadata; the records in it have a version of their own. */
export const FORMAT_VERSION = 2;

const PACKET_MAGIC = 0xc1fc1fc1;
const CHECKSUM_OFFSET = 24;
/** Header (28 bytes, and 4 so that the context is aligned) and context (40 bytes). */
export const PACKET_PROLOGUE_BYTES = 72;
/** Packets are as large as the blocks that the agent sends; more than this is a damaged size. */
export const LARGEST_PACKET_BYTES = 16 * 1024 * 1024;

export interface PacketPrologue {
  /** Ticks of the first and the last record. */
  begin: bigint;
  end: bigint;
  /** Bytes up to the end of the last record's last field: CTF takes the padding behind it for another record. */
  contentBytes: number;
  /** Bytes of the whole packet, a multiple of 8. */
  packetBytes: number;
  /** Records that were not stored, since the trace began up to the end of this packet. */
  discarded: number;
}

/** A packet's beginning; `records` are the bytes that will follow it. */
export function renderPrologue(uuid: Buffer, prologue: PacketPrologue, records: Buffer): Buffer {
  const bytes = Buffer.alloc(PACKET_PROLOGUE_BYTES);
  bytes.writeUInt32LE(PACKET_MAGIC, 0);
  uuid.copy(bytes, 4);
  bytes.writeUInt32LE(0, 20);
  bytes.writeBigUInt64LE(prologue.begin, 32);
  bytes.writeBigUInt64LE(prologue.end, 40);
  bytes.writeBigUInt64LE(BigInt(prologue.contentBytes * 8), 48);
  bytes.writeBigUInt64LE(BigInt(prologue.packetBytes * 8), 56);
  bytes.writeBigUInt64LE(BigInt(prologue.discarded), 64);
  bytes.writeUInt32LE(checksum(bytes, records), CHECKSUM_OFFSET);
  return bytes;
}

/** Whether a whole packet is what was written. */
export function isIntact(prologue: Buffer, records: Buffer): boolean {
  return prologue.readUInt32LE(CHECKSUM_OFFSET) === checksum(prologue, records);
}

function checksum(prologue: Buffer, records: Buffer): number {
  const before = prologue.subarray(0, CHECKSUM_OFFSET);
  const behind = prologue.subarray(CHECKSUM_OFFSET + 4);
  return crc32(behind, crc32(before, crc32(records)));
}

/** Reads a prologue; `offset` is where it stands in its file. Throws a TraceError on what our writer never writes. */
export function parsePrologue(uuid: Buffer, bytes: Buffer, offset: number): PacketPrologue {
  const malformed = (at: number, what: string) => new TraceError('LAB_TRACE_MALFORMED', offset + at, what);
  if (bytes.readUInt32LE(0) !== PACKET_MAGIC)
    throw malformed(0, `no packet: magic 0x${bytes.readUInt32LE(0).toString(16)} instead of 0xc1fc1fc1`);
  if (!bytes.subarray(4, 20).equals(uuid))
    throw malformed(4, 'a packet of another trace (its uuid is not that of the metadata)');
  const size = (at: number) => Number(bytes.readBigUInt64LE(at)) / 8;
  const prologue = {
    begin: bytes.readBigUInt64LE(32),
    end: bytes.readBigUInt64LE(40),
    contentBytes: size(48),
    packetBytes: size(56),
    discarded: Number(bytes.readBigUInt64LE(64)),
  };
  const { contentBytes, packetBytes } = prologue;
  if (
    !Number.isInteger(contentBytes) ||
    contentBytes < PACKET_PROLOGUE_BYTES ||
    contentBytes > LARGEST_PACKET_BYTES
  )
    throw malformed(48, `a packet with ${contentBytes} bytes of content`);
  if (packetBytes !== Math.ceil(contentBytes / 8) * 8)
    throw malformed(56, `a packet of ${packetBytes} bytes for ${contentBytes} bytes of content`);
  return prologue;
}
