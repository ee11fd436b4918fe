import assert from 'node:assert/strict';
import fc from 'fast-check';
import { RecordDecoder } from '../trace/decoder.ts';
import { encodeRecord } from '../trace/encoder.ts';
import { RingWriter, type RingAct } from './ring-image.fixture.ts';
import { readRingMemory, type RingRest } from './ring-memory.ts';

const DATA_BYTES = 8192;
const start = encodeRecord({ event: 'trace_start' });
/** Of two sizes, so that the end of the data is not always met. */
const record = (time: number): Buffer =>
  encodeRecord(time % 3 === 0 ? { event: 'register_enter', time } : { event: 'irp_complete', time });

describe('readRingMemory', function () {
  this.timeout(20_000);
  let ring: RingWriter;
  before(() => (ring = new RingWriter()));
  after(() => ring[Symbol.dispose]());

  const restOf = (acts: readonly RingAct[], receivedBytes: number): RingRest => {
    const rest = readRingMemory(ring.memory(DATA_BYTES, acts), receivedBytes);
    if (typeof rest === 'string') assert.fail(rest);
    return rest;
  };

  it('gives what nobody has read', () => {
    const written = [start, record(1), record(2), record(3)];
    const rest = restOf(
      written.map((write) => ({ write })),
      0,
    );
    assert.deepEqual(rest, { records: Buffer.concat(written), unfinished: 0, discarded: 0, loss: undefined });
  });

  it('leaves out what has arrived, also when the agent had not said so yet', () => {
    const first = [start, record(1)];
    const acts: RingAct[] = [...first.map((write) => ({ write })), { read: 4096 }, { write: record(2) }];
    assert.deepEqual(restOf(acts, Buffer.concat(first).length).records, record(2));
  });

  it('gives again what was read and never arrived', () => {
    const acts: RingAct[] = [{ write: start }, { read: 4096 }, { write: record(1) }, { read: 4096 }];
    const rest = restOf(acts, start.length);
    assert.deepEqual(rest.records, record(1));
    assert.equal(rest.loss, undefined);
  });

  it('says so when something was lost between the ring and the lab', () => {
    const acts: RingAct[] = [
      ...[start, record(1)].map((write) => ({ write })),
      ...[{ read: 4096 }, { write: record(2) }, { read: 4096 }],
    ];
    const rest = restOf(acts, start.length);
    assert.match(rest.loss ?? '', /bytes of records were lost on their way/);
    // The hole stands where it is, before the next record: a rule must not take that one for what followed.
    const [, after] = decode(Buffer.concat([start, rest.records]));
    assert.deepEqual([after?.time, after?.discarded], [2, 1]);
  });

  it('goes round the end of the data as the recorder does, at every position', () => {
    const acts: RingAct[] = [{ write: start }];
    const all = [start];
    for (let time = 1; time < 700; time++) {
      acts.push({ write: record(time) });
      all.push(record(time));
      if (time % 7 === 0) acts.push({ read: 1 << 20 });
    }
    const received = Buffer.concat(all).length - Buffer.concat(all.slice(-9)).length;
    assert.deepEqual(restOf(acts, received).records, Buffer.concat(all.slice(-9)));
  });

  it('counts a record that was being written as missing, in those behind it', () => {
    const acts: RingAct[] = [{ write: start }, { begin: record(1) }, { write: record(2) }];
    const rest = restOf(acts, start.length);
    assert.equal(rest.unfinished, 1);
    assert.equal(rest.discarded, 1);
    assert.equal(decode(Buffer.concat([start, rest.records])).at(-1)?.discarded, 1);
  });

  it('counts what a full ring dropped', () => {
    const acts: RingAct[] = [{ write: start }];
    for (let time = 1; time < 400; time++) acts.push({ write: record(time) });
    const rest = restOf(acts, 0);
    assert.ok(rest.discarded > 0);
    assert.equal(decode(rest.records).length + rest.discarded, 400);
  });

  it('refuses memory that holds no ring', () => {
    assert.equal(readRingMemory(Buffer.alloc(100), 0), '100 bytes are too few for a ring');
    assert.equal(readRingMemory(Buffer.alloc(65_536), 0), 'no ring is there: it begins with 0x0');
    const memory = ring.memory(DATA_BYTES, []);
    memory.writeUInt32LE(2, 4);
    assert.match(readRingMemory(memory, 0) as string, /layout 2/);
    const cut = ring.memory(DATA_BYTES, [{ write: start }]).subarray(0, 4096 + 4096);
    assert.match(readRingMemory(cut, 0) as string, /does not fit/);
  });

  it('says so when it is the ring of another trace', () => {
    const rest = restOf([{ write: start }, { write: record(1) }], 100_000);
    assert.match(rest.loss ?? '', /more has arrived than the ring ever held/);
    assert.equal(rest.records.length, 0);
  });

  it('stops where something stands that cannot be a record', () => {
    const memory = ring.memory(DATA_BYTES, [{ write: start }, { write: record(1) }, { write: record(2) }]);
    memory.writeUInt16LE(13, 4096 + start.length + 2);
    const rest = readRingMemory(memory, 0) as RingRest;
    assert.deepEqual(rest.records, start);
    assert.match(rest.loss ?? '', /cannot be read: a record of 13 bytes/);
  });

  it('never throws, and what it gives of damaged memory decodes or is told as a loss', () => {
    const acts: RingAct[] = [{ write: start }, ...[1, 2, 3, 4, 5].map((time) => ({ write: record(time) }))];
    const whole = ring.memory(DATA_BYTES, acts);
    const written = Buffer.concat(acts.map((act) => ('write' in act ? act.write : Buffer.alloc(0))));
    const headerByte = fc.nat(159);
    const dataByte = fc.nat(written.length + 64).map((at) => 4096 + at);
    const damage = fc.array(fc.tuple(fc.oneof(headerByte, dataByte), fc.nat(255)), {
      minLength: 1,
      maxLength: 8,
    });
    fc.assert(
      fc.property(damage, fc.nat(written.length), (changes, received) => {
        const memory = Buffer.from(whole);
        for (const [at, value] of changes) memory[at] = value;
        const rest = readRingMemory(memory, received);
        if (typeof rest === 'string') return;
        assert.ok(rest.records.length <= DATA_BYTES);
        decode(rest.records);
      }),
      { numRuns: 2000 },
    );
  });
});

function decode(bytes: Buffer): { time: number; discarded: number }[] {
  return new RecordDecoder().push(bytes).records;
}
