/**
 * How a trace folder stores records as CTF 1.8: 'metadata' (TSDL text) and 'stream_0', a row of packets. A
 * packet is a header, a context and whole records exactly as the recorder made them.
 */
import { TraceError } from './trace-error.ts';

export const METADATA_FILE = 'metadata';
export const STREAM_FILE = 'stream_0';

const PACKET_MAGIC = 0xc1fc1fc1;
/** Header (24 bytes) and context (40 bytes). */
export const PACKET_PROLOGUE_BYTES = 64;
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

export function renderPrologue(uuid: Buffer, prologue: PacketPrologue): Buffer {
  const bytes = Buffer.alloc(PACKET_PROLOGUE_BYTES);
  bytes.writeUInt32LE(PACKET_MAGIC, 0);
  uuid.copy(bytes, 4);
  bytes.writeUInt32LE(0, 20);
  bytes.writeBigUInt64LE(prologue.begin, 24);
  bytes.writeBigUInt64LE(prologue.end, 32);
  bytes.writeBigUInt64LE(BigInt(prologue.contentBytes * 8), 40);
  bytes.writeBigUInt64LE(BigInt(prologue.packetBytes * 8), 48);
  bytes.writeBigUInt64LE(BigInt(prologue.discarded), 56);
  return bytes;
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
    begin: bytes.readBigUInt64LE(24),
    end: bytes.readBigUInt64LE(32),
    contentBytes: size(40),
    packetBytes: size(48),
    discarded: Number(bytes.readBigUInt64LE(56)),
  };
  const { contentBytes, packetBytes } = prologue;
  if (
    !Number.isInteger(contentBytes) ||
    contentBytes < PACKET_PROLOGUE_BYTES ||
    contentBytes > LARGEST_PACKET_BYTES
  )
    throw malformed(40, `a packet with ${contentBytes} bytes of content`);
  if (packetBytes !== Math.ceil(contentBytes / 8) * 8)
    throw malformed(48, `a packet of ${packetBytes} bytes for ${contentBytes} bytes of content`);
  return prologue;
}
