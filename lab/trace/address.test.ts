import assert from 'node:assert/strict';
import { isIP, SocketAddress } from 'node:net';
import fc from 'fast-check';
import { formatIpv4, formatIpv6, parseAddress } from './address.ts';

describe('address text', function () {
  this.timeout(60_000);
  it('writes IPv6 as the C library does', () => {
    const group = fc.oneof(fc.constant(0), fc.constant(0), fc.nat(0xffff));
    fc.assert(
      fc.property(fc.array(group, { minLength: 8, maxLength: 8 }), (groups) => {
        const bytes = Uint8Array.from(groups.flatMap((value) => [value >> 8, value & 0xff]));
        const full = groups.map((value) => value.toString(16)).join(':');
        const text = formatIpv6(bytes);
        // The C library also writes ::1.2.3.4 (deprecated, RFC 5952 leaves it out).
        const witness = new SocketAddress({ address: full, family: 'ipv6' }).address;
        if (!/^::\d+\.\d+/.test(witness)) assert.equal(text, witness);
        assert.deepEqual(parseAddress(text), { bytes, scope: 0 });
      }),
    );
  });

  it('reads and writes zones and IPv4', () => {
    const parsed = parseAddress('fe80::1%3');
    assert.equal(parsed?.scope, 3);
    assert.equal(formatIpv6(parsed?.bytes ?? new Uint8Array(16), 0, 3), 'fe80::1%3');
    assert.equal(formatIpv4(parseAddress('10.77.0.2')?.bytes ?? new Uint8Array()), '10.77.0.2');
  });

  it('takes for an address what node takes for one', () => {
    for (const text of [
      '',
      '1.2.3',
      '256.1.1.1',
      ':::',
      '1::2::3',
      '1:2:3:4:5:6:7:8:9',
      '::g',
      '12345::',
      '::1',
      '1::',
    ])
      assert.equal(parseAddress(text) !== undefined, isIP(text) !== 0, text);
  });
});
