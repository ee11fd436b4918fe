/** Test fixture: builds Ethernet frames and pcap files by hand. */
import { parseAddress } from '../trace/address.ts';

export interface SegmentInput {
  source: { address: string; port: number };
  destination: { address: string; port: number };
  /** Bits of the TCP header: 1 FIN, 2 SYN, 4 RST, 8 PSH, 16 ACK. */
  flags: number;
  sequence: number;
  acknowledgement: number;
  payloadBytes: number;
  /** 32-bit words of TCP options. */
  optionWords?: number;
  /** Option headers of IPv6 (their type: 0, 43 or 60) before TCP. */
  extensions?: number[];
  vlan?: boolean;
}

export function buildFrame(input: SegmentInput): Buffer {
  const tcp = buildTcp(input);
  const isIpv4 = !input.source.address.includes(':');
  const packet = isIpv4 ? buildIpv4(input, tcp) : buildIpv6(input, tcp);
  const etherType = isIpv4 ? [0x08, 0x00] : [0x86, 0xdd];
  const tag = input.vlan ? [0x81, 0x00, 0x00, 0x07] : [];
  return Buffer.concat([Buffer.alloc(12, 2), Buffer.from([...tag, ...etherType]), packet]);
}

function buildTcp({
  source,
  destination,
  flags,
  sequence,
  acknowledgement,
  payloadBytes,
  optionWords = 0,
}: SegmentInput) {
  // Option kind 1 is "no operation".
  const header = Buffer.alloc(20 + optionWords * 4, 1);
  header.writeUInt16BE(source.port, 0);
  header.writeUInt16BE(destination.port, 2);
  header.writeUInt32BE(sequence, 4);
  header.writeUInt32BE(acknowledgement, 8);
  header.writeUInt8((5 + optionWords) << 4, 12);
  header.writeUInt8(flags, 13);
  header.fill(0, 14, 20);
  return Buffer.concat([header, Buffer.alloc(payloadBytes, 0x61)]);
}

function buildIpv4({ source, destination }: SegmentInput, content: Buffer): Buffer {
  const header = Buffer.alloc(20);
  header.writeUInt8(0x45, 0);
  header.writeUInt16BE(20 + content.length, 2);
  header.writeUInt8(64, 8);
  header.writeUInt8(6, 9);
  header.set(parseAddress(source.address)?.bytes.subarray(0, 4) ?? [], 12);
  header.set(parseAddress(destination.address)?.bytes.subarray(0, 4) ?? [], 16);
  return Buffer.concat([header, content]);
}

function buildIpv6({ source, destination, extensions = [] }: SegmentInput, content: Buffer): Buffer {
  const protocols = [...extensions, 6];
  const options = extensions.map((_, index) => Buffer.from([protocols[index + 1] ?? 6, 0, 1, 4, 0, 0, 0, 0]));
  const body = Buffer.concat([...options, content]);
  const header = Buffer.alloc(40);
  header.writeUInt8(0x60, 0);
  header.writeUInt16BE(body.length, 4);
  header.writeUInt8(protocols[0] ?? 6, 6);
  header.writeUInt8(64, 7);
  header.set(parseAddress(source.address)?.bytes ?? [], 8);
  header.set(parseAddress(destination.address)?.bytes ?? [], 24);
  return Buffer.concat([header, body]);
}

/** An IPv4 frame in fragments whose content is so long, a multiple of 8. */
export function fragmentsOf(frame: Buffer, bytes: number): Buffer[] {
  const headers = frame.subarray(0, 34);
  const content = frame.subarray(34);
  return Array.from({ length: Math.ceil(content.length / bytes) }, (_, index) => {
    const part = content.subarray(index * bytes, (index + 1) * bytes);
    const fragment = Buffer.concat([headers, part]);
    const isLast = (index + 1) * bytes >= content.length;
    fragment.writeUInt16BE(20 + part.length, 16);
    fragment.writeUInt16BE((isLast ? 0 : 0x2000) | ((index * bytes) / 8), 20);
    return fragment;
  });
}

/** A pcap file of the frames, a millisecond between each. */
export function buildCapture(frames: readonly Buffer[]): Buffer {
  const header = Buffer.alloc(24);
  header.writeUInt32LE(0xa1b2c3d4, 0);
  header.writeUInt16LE(2, 4);
  header.writeUInt16LE(4, 6);
  header.writeUInt32LE(262144, 16);
  header.writeUInt32LE(1, 20);
  const records = frames.map((frame, index) => {
    const record = Buffer.alloc(16);
    record.writeUInt32LE(1_763_800_000 + Math.floor(index / 1000), 0);
    record.writeUInt32LE((index % 1000) * 1000, 4);
    record.writeUInt32LE(frame.length, 8);
    record.writeUInt32LE(frame.length, 12);
    return Buffer.concat([record, frame]);
  });
  return Buffer.concat([header, ...records]);
}
