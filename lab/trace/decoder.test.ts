import assert from 'node:assert/strict';
import fc from 'fast-check';
import { arbitraryTrace } from './arbitrary-record.ts';
import { RecordDecoder } from './decoder.ts';
import { encodeRecord, encodeRecords, type RecordInput } from './encoder.ts';
import { LAYOUTS } from './layout.ts';
import { FUNCTIONS, SCHEMA_VERSION } from './schema.ts';

function decode(bytes: Buffer) {
  const decoder = new RecordDecoder();
  const { records } = decoder.push(bytes);
  decoder.end();
  return { records, decoder };
}

const START: RecordInput = { event: 'trace_start', frequency: 10_000_000, seed: 7, ring_bytes: 65536 };

/** START and the given records; the failure that they give. */
function failureOf(...records: Buffer[]) {
  const { decoder } = decode(Buffer.concat([encodeRecord(START, 10_000_000), ...records]));
  return [decoder.failure?.code, decoder.failure?.offset, decoder.failure?.message];
}

describe('RecordDecoder', function () {
  this.timeout(60_000);

  it('gives back every field of every event', () => {
    fc.assert(
      fc.property(arbitraryTrace, (trace) => {
        const { records, decoder } = decode(encodeRecords(trace));
        assert.equal(decoder.failure, undefined);
        assert.equal(decoder.isComplete, true);
        assert.equal(records.length, trace.length);
        trace.forEach((record, position) => {
          for (const [name, value] of Object.entries({ ...record, position }))
            assert.deepEqual((records[position] as unknown as Record<string, unknown>)[name], value, name);
        });
      }),
    );
  });

  it('has its numbers where the C header has them', () => {
    const layout = LAYOUTS.find(({ name }) => name === 'data_enter');
    assert.ok(layout);
    const record = Buffer.alloc(layout.bytes);
    record.writeUInt16LE(layout.id, 0);
    record.writeUInt16LE(layout.bytes, 2);
    record.writeUInt32LE(5, 4);
    record.writeBigUInt64LE(30n, 8);
    record.writeUInt32LE(1234, 16);
    record.writeUInt16LE(3, 20);
    record.writeUInt8(2, 22);
    record.writeUInt8(1, 23);
    record.writeBigUInt64LE(9n, 24); // call
    record.writeBigUInt64LE(4n, 32); // socket
    record.writeBigUInt64LE(0xffff800000001000n, 40); // pointer
    record.writeBigUInt64LE(0xffff800000002000n, 48); // irp
    record.writeBigUInt64LE(0n, 56); // mdl
    record.writeBigUInt64LE(100n, 64); // length
    record.writeUInt32LE(8, 72); // offset
    record.writeUInt32LE(1, 76); // flags
    record.writeUInt32LE(FUNCTIONS.WskSend, 80); // fn
    const { records } = decode(Buffer.concat([encodeRecord(START, 10_000_000), record]));
    assert.deepEqual(records[1], {
      event: 'data_enter',
      position: 1,
      time: 3000,
      tid: 1234,
      cpu: 3,
      irql: 2,
      side: 1,
      discarded: 5,
      call: 9,
      socket: 4,
      pointer: 0xffff800000001000n,
      irp: 0xffff800000002000n,
      mdl: 0n,
      length: 100,
      offset: 8,
      flags: 1,
      fn: 30,
    });
  });

  it('counts time from trace_start even where ticks need all 64 bits', () => {
    const start = encodeRecord(START);
    const stop = encodeRecord({ event: 'trace_stop' });
    start.writeBigUInt64LE(0xfffffffffffffff0n, 8);
    stop.writeBigUInt64LE(0xfffffffffffffffan, 8);
    const { records } = decode(Buffer.concat([start, stop]));
    assert.deepEqual(
      records.map(({ time }) => time),
      [0, 1000],
    );
  });

  it('decodes the same records whatever the pieces in which the bytes come', () => {
    const pieces = fc.array(fc.integer({ min: 1, max: 300 }), { minLength: 1 });
    fc.assert(
      fc.property(arbitraryTrace, pieces, (trace, sizes) => {
        const bytes = encodeRecords(trace);
        const decoder = new RecordDecoder();
        const blocks = [];
        for (let at = 0, i = 0; at < bytes.length; i++) {
          const size = sizes[i % sizes.length] ?? 1;
          blocks.push(decoder.push(bytes.subarray(at, at + size)));
          at += size;
        }
        assert.deepEqual(
          blocks.flatMap(({ records }) => records),
          decode(bytes).records,
        );
        assert.deepEqual(Buffer.concat(blocks.map((block) => block.bytes)), bytes);
      }),
    );
  });

  it('says of a trace cut at any byte where the last whole record ended', () => {
    fc.assert(
      fc.property(arbitraryTrace, fc.double({ min: 0, max: 0.9999, noNaN: true }), (trace, where) => {
        const ends = trace.map((_, index) => encodeRecords(trace.slice(0, index + 1)).length);
        const bytes = encodeRecords(trace);
        const cut = Math.floor(where * bytes.length);
        const { records, decoder } = decode(bytes.subarray(0, cut));
        const whole = ends.filter((end) => end <= cut);
        assert.equal(records.length, whole.length);
        assert.equal(decoder.isComplete, false);
        assert.equal(decoder.failure?.offset, (whole.at(-1) ?? 0) === cut ? undefined : (whole.at(-1) ?? 0));
        if (decoder.failure) assert.equal(decoder.failure.code, 'LAB_TRACE_CUT');
      }),
    );
  });

  it('survives any changed bytes: records up to the first bad one, then a failure that says where', () => {
    const changes = fc.array(fc.tuple(fc.nat(), fc.integer({ min: 1, max: 255 })), {
      minLength: 1,
      maxLength: 5,
    });
    fc.assert(
      fc.property(arbitraryTrace, changes, (trace, flips) => {
        const bytes = encodeRecords(trace);
        for (const [offset, change] of flips) bytes[offset % bytes.length]! ^= change;
        const first = Math.min(...flips.map(([offset]) => offset % bytes.length));
        const { records, decoder } = decode(bytes);
        if (decoder.failure) assert.ok(decoder.failure.offset >= first - (first % 8) - 200);
        const whole = trace.filter((_, index) => encodeRecords(trace.slice(0, index + 1)).length <= first);
        assert.ok(records.length >= whole.length);
      }),
      { numRuns: 1000 },
    );
  });

  it('names each kind of bad byte and its offset', () => {
    const stop = (edit: (bytes: Buffer) => void) => {
      const bytes = encodeRecord({ event: 'trace_stop', time: 5000, discarded: 3 }, 10_000_000);
      edit(bytes);
      return bytes;
    };
    const at = encodeRecord(START).length;
    assert.deepEqual(failureOf(stop((bytes) => bytes.writeUInt16LE(999, 0))), [
      'LAB_TRACE_MALFORMED',
      at,
      `no record has the id 999 at byte ${at}`,
    ]);
    assert.deepEqual(failureOf(stop((bytes) => bytes.writeUInt16LE(40, 2))), [
      'LAB_TRACE_MALFORMED',
      at + 2,
      `a trace_stop record of 40 bytes instead of 32 at byte ${at + 2}`,
    ]);
    assert.deepEqual(failureOf(stop((bytes) => bytes.writeUInt8(3, 23))), [
      'LAB_TRACE_MALFORMED',
      at + 23,
      `side 3 in a trace_stop record at byte ${at + 23}`,
    ]);
    const pool = encodeRecord({ event: 'pool_free', time: 6000, discarded: 4 }, 10_000_000);
    assert.deepEqual(
      failureOf(
        pool,
        stop(() => {}),
      ),
      [
        'LAB_TRACE_MALFORMED',
        at + pool.length + 8,
        `time runs backwards by 10 ticks in a trace_stop record at byte ${at + pool.length + 8}`,
      ],
    );
    const lossy = encodeRecord({ event: 'pool_free', time: 1000, discarded: 4 }, 10_000_000);
    assert.deepEqual(
      failureOf(
        lossy,
        stop(() => {}),
      )[2],
      `the number of discarded records falls from 4 to 3 at byte ${at + lossy.length + 4}`,
    );
    const whole = stop(() => {});
    assert.deepEqual(failureOf(whole, pool)[2], `a pool_free record after trace_stop at byte ${at + 32}`);
    assert.match(String(decode(pool).decoder.failure), /pool_free is record 0 of the trace, trace_start/);
  });

  it('refuses another schema version by its number', () => {
    const { decoder, records } = decode(encodeRecord({ ...START, schema: 99 }));
    assert.deepEqual(records, []);
    assert.equal(decoder.failure?.code, 'LAB_TRACE_VERSION');
    assert.equal(
      decoder.failure.message,
      `trace of schema version 99, this lab reads version ${SCHEMA_VERSION}`,
    );
    assert.equal(decoder.failure.exitCode, 2);
  });
});
