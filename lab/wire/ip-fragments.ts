/**
 * IPv4 packets out of their fragments (RFC 791, 3.2). QEMU 7.2's e1000e sends what a guest leaves to the card to
 * segment as fragments, where the netdev takes no such offloads (hw/net/net_tx_pkt.c).
 */
import type { Frame } from './pcap.ts';

const ETHERNET_BYTES = 14;
const ETHERTYPE_IPV4 = 0x0800;
const MORE_FRAGMENTS = 0x2000;
const OFFSET = 0x1fff;
/** More than an IPv4 packet can have: what claims to be larger is not put together. */
const MAX_PACKET_BYTES = 0xffff;

interface Fragment {
  offset: number;
  content: Buffer;
}

interface Unfinished {
  /** Ethernet and IP header of the first fragment, once it is there. */
  headers: Buffer | undefined;
  fragments: Fragment[];
  /** Known once the last one is there. */
  bytes: number | undefined;
}

export class IpFragments {
  readonly #unfinished = new Map<string, Unfinished>();

  /** A whole frame is given back; a fragment gives undefined until its packet is whole, then that, at its time. */
  take(frame: Frame): Frame | undefined {
    const place = fragmentOf(frame.bytes);
    if (!place) return frame;
    const { key, headers, fragment, isLast } = place;
    const packet = this.#unfinished.get(key) ?? { headers: undefined, fragments: [], bytes: undefined };
    this.#unfinished.set(key, packet);
    packet.fragments.push(fragment);
    if (fragment.offset === 0) packet.headers = headers;
    if (isLast) packet.bytes = fragment.offset + fragment.content.length;
    const bytes = assembled(packet);
    if (!bytes) return undefined;
    this.#unfinished.delete(key);
    return { ...frame, bytes };
  }

  /** Packets of which a fragment is missing. */
  get missing(): number {
    return this.#unfinished.size;
  }
}

function fragmentOf(
  frame: Buffer,
): { key: string; headers: Buffer; fragment: Fragment; isLast: boolean } | undefined {
  const at = ETHERNET_BYTES;
  if (frame.length < at + 20 || frame.readUInt16BE(12) !== ETHERTYPE_IPV4) return undefined;
  const place = frame.readUInt16BE(at + 6);
  if ((place & (MORE_FRAGMENTS | OFFSET)) === 0) return undefined;
  const content = at + (frame.readUInt8(at) & 0xf) * 4;
  const end = at + frame.readUInt16BE(at + 2);
  // What does not fit is for who decodes packets.
  if (content < at + 20 || content > end || end > frame.length) return undefined;
  // Identification, protocol, source and destination.
  const key = frame.toString('latin1', at + 4, at + 6) + frame.toString('latin1', at + 9, at + 10);
  return {
    key: key + frame.toString('latin1', at + 12, at + 20),
    headers: frame.subarray(0, content),
    fragment: { offset: (place & OFFSET) * 8, content: frame.subarray(content, end) },
    isLast: (place & MORE_FRAGMENTS) === 0,
  };
}

/** The frame of the whole packet; undefined as long as a part of it is missing. */
function assembled({ headers, fragments, bytes }: Unfinished): Buffer | undefined {
  if (!headers || bytes === undefined) return undefined;
  const whole = Buffer.alloc(headers.length + bytes);
  let known = 0;
  for (const { offset, content } of [...fragments].sort((a, b) => a.offset - b.offset)) {
    if (offset > known) return undefined;
    content.copy(whole, headers.length + offset);
    known = Math.max(known, offset + content.length);
  }
  const packetBytes = whole.length - ETHERNET_BYTES;
  if (known < bytes || packetBytes > MAX_PACKET_BYTES) return undefined;
  headers.copy(whole);
  whole.writeUInt16BE(packetBytes, ETHERNET_BYTES + 2);
  whole.writeUInt16BE(0, ETHERNET_BYTES + 6);
  return whole;
}
