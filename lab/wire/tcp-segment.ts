/** Decodes Ethernet frames down to TCP (RFC 791, 8200, 9293): the fields that rules look at. */
import type { Packet } from '../check/evidence.ts';
import { AF_INET, AF_INET6, formatIpv4, formatIpv6 } from '../trace/address.ts';
import type { SocketAddress } from '../trace/records.ts';
import type { Frame } from './pcap.ts';

const ETHERTYPE = { ipv4: 0x0800, ipv6: 0x86dd, vlan: 0x8100 } as const;
const PROTOCOL_TCP = 6;
/** Extension headers of IPv6 that carry their length in the same way. */
const OPTION_HEADERS = new Set([0, 43, 60, 135]);
const FRAGMENT_HEADER = 44;
const FLAG = { fin: 1, syn: 2, rst: 4, psh: 8, ack: 16 } as const;

/** An IP packet's TCP part: where it begins, where it ends, and between whom it goes. */
interface TcpPart {
  begin: number;
  end: number;
  family: number;
  source: string;
  destination: string;
}

/**
 * The TCP segment in a frame; undefined if it carries none (ARP, ICMP, UDP). 'malformed' if it claims to and cannot be
 * decoded: cut headers, lengths that do not fit, a fragment (ip-fragments.ts makes packets of IPv4's).
 */
export function decodeTcpSegment({ position, time, bytes }: Frame): Packet | 'malformed' | undefined {
  if (bytes.length < 14) return 'malformed';
  const isTagged = bytes.readUInt16BE(12) === ETHERTYPE.vlan && bytes.length >= 18;
  const begin = isTagged ? 18 : 14;
  const part = findTcp(bytes, bytes.readUInt16BE(begin - 2), begin);
  if (part === undefined || part === 'malformed') return part;

  const { begin: tcp, end, family } = part;
  if (end - tcp < 20) return 'malformed';
  const headerBytes = (bytes.readUInt8(tcp + 12) >> 4) * 4;
  if (headerBytes < 20 || tcp + headerBytes > end) return 'malformed';
  const flags = bytes.readUInt8(tcp + 13);
  const endpoint = (address: string, portAt: number): SocketAddress => ({
    family,
    port: bytes.readUInt16BE(tcp + portAt),
    address,
  });
  return {
    position,
    time,
    source: endpoint(part.source, 0),
    destination: endpoint(part.destination, 2),
    syn: (flags & FLAG.syn) !== 0,
    ack: (flags & FLAG.ack) !== 0,
    fin: (flags & FLAG.fin) !== 0,
    rst: (flags & FLAG.rst) !== 0,
    psh: (flags & FLAG.psh) !== 0,
    sequence: bytes.readUInt32BE(tcp + 4),
    acknowledgement: bytes.readUInt32BE(tcp + 8),
    payloadBytes: end - tcp - headerBytes,
  };
}

function findTcp(bytes: Buffer, etherType: number, at: number): TcpPart | 'malformed' | undefined {
  if (etherType === ETHERTYPE.ipv4) return findInIpv4(bytes, at);
  if (etherType === ETHERTYPE.ipv6) return findInIpv6(bytes, at);
  return undefined;
}

function findInIpv4(bytes: Buffer, at: number): TcpPart | 'malformed' | undefined {
  if (bytes.length - at < 20 || bytes.readUInt8(at) >> 4 !== 4) return 'malformed';
  if (bytes.readUInt8(at + 9) !== PROTOCOL_TCP) return undefined;
  const headerBytes = (bytes.readUInt8(at) & 0xf) * 4;
  const end = at + bytes.readUInt16BE(at + 2);
  const isFragment = (bytes.readUInt16BE(at + 6) & 0x3fff) !== 0;
  if (headerBytes < 20 || at + headerBytes > end || end > bytes.length || isFragment) return 'malformed';
  return {
    begin: at + headerBytes,
    end,
    family: AF_INET,
    source: formatIpv4(bytes, at + 12),
    destination: formatIpv4(bytes, at + 16),
  };
}

function findInIpv6(bytes: Buffer, at: number): TcpPart | 'malformed' | undefined {
  if (bytes.length - at < 40 || bytes.readUInt8(at) >> 4 !== 6) return 'malformed';
  const end = at + 40 + bytes.readUInt16BE(at + 4);
  if (end > bytes.length) return 'malformed';
  let next = bytes.readUInt8(at + 6);
  let begin = at + 40;
  while (OPTION_HEADERS.has(next) || next === FRAGMENT_HEADER) {
    if (begin + 8 > end) return 'malformed';
    const isWholePacket = (bytes.readUInt16BE(begin + 2) & 0xfff9) === 0;
    if (next === FRAGMENT_HEADER && !isWholePacket) return 'malformed';
    const size = next === FRAGMENT_HEADER ? 8 : (bytes.readUInt8(begin + 1) + 1) * 8;
    next = bytes.readUInt8(begin);
    begin += size;
  }
  if (next !== PROTOCOL_TCP) return undefined;
  if (begin > end) return 'malformed';
  return {
    begin,
    end,
    family: AF_INET6,
    source: formatIpv6(bytes, at + 8),
    destination: formatIpv6(bytes, at + 24),
  };
}
