/** Text of socket addresses: RFC 5952 for IPv6, the zone as a number behind '%'. */

/** Address families as Windows numbers them. */
export const AF_INET = 2;
export const AF_INET6 = 23;

export function formatIpv4(bytes: Uint8Array, at = 0): string {
  return `${bytes[at]}.${bytes[at + 1]}.${bytes[at + 2]}.${bytes[at + 3]}`;
}

export function formatIpv6(bytes: Uint8Array, at = 0, scope = 0): string {
  const groups = Array.from(
    { length: 8 },
    (_, i) => ((bytes[at + 2 * i] ?? 0) << 8) | (bytes[at + 2 * i + 1] ?? 0),
  );
  const zone = scope === 0 ? '' : `%${scope}`;
  if (groups.slice(0, 5).every((group) => group === 0) && groups[5] === 0xffff)
    return `::ffff:${formatIpv4(bytes, at + 12)}${zone}`;
  const hex = groups.map((group) => group.toString(16));
  const { start, length } = longestZeroRun(groups);
  if (length < 2) return hex.join(':') + zone;
  return `${hex.slice(0, start).join(':')}::${hex.slice(start + length).join(':')}${zone}`;
}

/** The first of the longest runs of zero groups: what '::' stands for. */
function longestZeroRun(groups: number[]): { start: number; length: number } {
  let best = { start: 0, length: 0 };
  for (let start = 0; start < groups.length; start++) {
    let length = 0;
    while (groups[start + length] === 0) length++;
    if (length > best.length) best = { start, length };
    start += length;
  }
  return best;
}

/** The 16 bytes and the scope of an address text, IPv4 in the first four bytes; undefined if it is no address. */
export function parseAddress(text: string): { bytes: Uint8Array; scope: number } | undefined {
  const bytes = new Uint8Array(16);
  const ipv4 = parseIpv4(text);
  if (ipv4) {
    bytes.set(ipv4);
    return { bytes, scope: 0 };
  }
  const [address = '', zone = '0'] = text.split('%');
  const [head = '', tail, ...rest] = address.split('::');
  const before = parseGroups(head);
  const after = tail === undefined ? [] : parseGroups(tail);
  if (!before || !after || rest.length > 0 || !/^\d+$/.test(zone)) return undefined;
  const length = before.length + after.length;
  if (tail === undefined ? length !== 16 : length > 14) return undefined;
  bytes.set(before);
  bytes.set(after, 16 - after.length);
  return { bytes, scope: Number(zone) };
}

function parseIpv4(text: string): number[] | undefined {
  const parts = text.split('.');
  const isIpv4 = parts.length === 4 && parts.every((part) => /^\d{1,3}$/.test(part) && Number(part) < 256);
  return isIpv4 ? parts.map(Number) : undefined;
}

/** Bytes of groups between colons, the last of which may be an IPv4 address. */
function parseGroups(text: string): number[] | undefined {
  if (text === '') return [];
  const bytes: number[] = [];
  for (const group of text.split(':')) {
    const ipv4 = parseIpv4(group);
    if (!ipv4 && !/^[0-9a-f]{1,4}$/i.test(group)) return undefined;
    const value = parseInt(group, 16);
    bytes.push(...(ipv4 ?? [value >> 8, value & 0xff]));
  }
  return bytes;
}
