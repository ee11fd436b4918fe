import assert from 'node:assert/strict';
import fc from 'fast-check';
import { encodeFrame, FrameDecoder, MAX_PAYLOAD_BYTES, type Frame } from './agent-frame.ts';

const anyFrame = fc.record(
  {
    type: fc.integer({ min: 1, max: 11 }),
    request: fc.integer({ min: 0, max: 0xffff_ffff }),
    payload: fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes)),
  },
  { noNullPrototype: true },
);

/** Cuts bytes into pieces of the given lengths, repeated. */
function pieces(bytes: Buffer, lengths: number[]): Buffer[] {
  const cut: Buffer[] = [];
  for (let at = 0, turn = 0; at < bytes.length; turn++) {
    const length = lengths[turn % lengths.length]!;
    cut.push(bytes.subarray(at, at + length));
    at += length;
  }
  return cut;
}

function decode(bytes: Buffer, lengths = [bytes.length]): { frames: Frame[]; decoder: FrameDecoder } {
  const decoder = new FrameDecoder();
  return { frames: pieces(bytes, lengths).flatMap((piece) => decoder.push(piece)), decoder };
}

describe('FrameDecoder', () => {
  it('has the layout of lab_agent.h', () => {
    const bytes = encodeFrame({ type: 5, request: 0x01020304, payload: Buffer.from('123456789') });
    assert.equal(
      bytes.toString('hex'),
      '574c4147' + '0500' + '0000' + '04030201' + '09000000' + '2639f4cb' + '313233343536373839',
    );
  });

  it('gives back any frames, however they are cut', () => {
    fc.assert(
      fc.property(
        fc.array(anyFrame, { maxLength: 8 }),
        fc.array(fc.integer({ min: 1, max: 64 }), { minLength: 1, maxLength: 8 }),
        (sent, lengths) => {
          const { frames, decoder } = decode(Buffer.concat(sent.map(encodeFrame)), lengths);
          assert.deepEqual(frames, sent);
          assert.equal(decoder.skippedBytes, 0);
        },
      ),
    );
  });

  it('finds the frames between any garbage, and counts the garbage', () => {
    // Without a 'W' garbage cannot look like the beginning of a frame.
    const garbage = fc
      .uint8Array({ maxLength: 50 })
      .map((bytes) => Buffer.from(bytes.filter((byte) => byte !== 0x57)));
    fc.assert(
      fc.property(
        fc.array(fc.tuple(garbage, anyFrame), { maxLength: 6 }),
        fc.array(fc.integer({ min: 1, max: 64 }), { minLength: 1, maxLength: 8 }),
        (sent, lengths) => {
          const bytes = Buffer.concat(sent.flatMap(([noise, frame]) => [noise, encodeFrame(frame)]));
          const { frames, decoder } = decode(bytes, lengths);
          assert.deepEqual(
            frames,
            sent.map(([, frame]) => frame),
          );
          assert.equal(
            decoder.skippedBytes,
            sent.reduce((sum, [noise]) => sum + noise.length, 0),
          );
        },
      ),
    );
  });

  it('never invents a frame out of a changed one', () => {
    fc.assert(
      fc.property(anyFrame, fc.nat(), fc.integer({ min: 1, max: 255 }), (frame, position, change) => {
        const bytes = encodeFrame({ ...frame, payload: Buffer.concat([frame.payload, Buffer.from('x')]) });
        const at = 20 + (position % (bytes.length - 20));
        bytes[at] = bytes[at]! ^ change;
        assert.deepEqual(decode(bytes).frames, []);
      }),
    );
  });

  it('takes any bytes at all without harm', () => {
    fc.assert(
      fc.property(fc.array(fc.oneof(fc.constant('WLAG'), fc.string()), { maxLength: 200 }), (words) => {
        const bytes = Buffer.from(words.join(''), 'latin1');
        const { decoder } = decode(bytes, [7]);
        assert.ok(decoder.skippedBytes <= bytes.length);
      }),
    );
  });

  it('does not wait for a length that no frame may have', () => {
    const bad = encodeFrame({ type: 8, request: 1, payload: Buffer.alloc(0) });
    bad.writeUInt32LE(MAX_PAYLOAD_BYTES + 1, 12);
    const good: Frame = { type: 4, request: 2, payload: Buffer.alloc(0) };
    const { frames, decoder } = decode(Buffer.concat([bad, encodeFrame(good)]));
    assert.deepEqual(frames, [good]);
    assert.deepEqual([decoder.skippedBytes, decoder.resyncs], [20, 1]);
  });

  it('gives up on a guest that sends broken frames without end', () => {
    const broken = encodeFrame({ type: 8, request: 1, payload: Buffer.alloc(0) });
    broken.writeUInt32LE(1, 16);
    const decoder = new FrameDecoder();
    assert.throws(() => {
      for (let count = 0; count < 2000; count++) decoder.push(broken);
    }, /more than 1000 broken frames/);
  });
});
