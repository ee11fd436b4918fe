import assert from 'node:assert/strict';
import { firstMismatch, patternBytes } from './pattern.ts';

describe('the pattern of a connection', () => {
  it('is the same whether it is made at once or in pieces', () => {
    const whole = patternBytes(3, 0, 200_000);
    const pieces = [patternBytes(3, 0, 65_520), patternBytes(3, 65_520, 2), patternBytes(3, 65_522, 134_478)];
    assert.ok(whole.equals(Buffer.concat(pieces)));
  });

  it('differs between connections and between offsets', () => {
    assert.ok(!patternBytes(1, 0, 64).equals(patternBytes(2, 0, 64)));
    assert.ok(!patternBytes(1, 0, 4096).equals(patternBytes(1, 4096, 4096)));
    assert.ok(!patternBytes(1, 0, 4096).equals(patternBytes(1, 65_536, 4096)));
  });

  it('shows the first byte that is lost, doubled or changed', () => {
    const stream = patternBytes(1, 0, 1000);
    assert.equal(firstMismatch(1, 0, stream), -1);
    const changed = Buffer.from(stream);
    changed.writeUInt8(stream.readUInt8(500) ^ 0x80, 500);
    assert.equal(firstMismatch(1, 0, changed), 500);
    assert.ok(firstMismatch(1, 1, stream) >= 0, 'a stream that lacks its first byte');
  });
});
