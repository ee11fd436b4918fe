import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import fc from 'fast-check';
import { parseAddress } from './address.ts';
import { arbitraryTrace } from './arbitrary-record.ts';
import { CtfReader } from './ctf-reader.ts';
import { CtfWriter } from './ctf-writer.ts';
import { RecordDecoder } from './decoder.ts';
import { encodeRecords, type RecordInput } from './encoder.ts';
import { LAYOUTS, type PlacedField } from './layout.ts';
import { NT_STATUS } from './nt-status.ts';
import type { SocketAddress, TraceRecord } from './records.ts';
import { FUNCTIONS, NULL_FAMILY, PERTURBATIONS, SCHEMA_VERSION, SIDE } from './schema.ts';

const STARTED_AT_NS = 1_763_800_000_123_456_700n;

const LOSSY: RecordInput[] = [
  { event: 'trace_start', frequency: 10_000_000 },
  { event: 'pool_free', time: 1000 },
  { event: 'pool_free', time: 2000, discarded: 2 },
  { event: 'pool_free', time: 3000, discarded: 2 },
  { event: 'pool_free', time: 4000, discarded: 7 },
  { event: 'trace_stop', time: 5000, discarded: 7 },
];

describe('CTF trace folder', function () {
  this.timeout(60_000);
  let folder: string;
  beforeEach(async () => void (folder = await mkdtemp(join(tmpdir(), 'wsklab-ctf-'))));
  afterEach(() => rm(folder, { recursive: true }));

  /** Writes the records in blocks of the given size. */
  async function write(name: string, trace: RecordInput[], blockBytes = 1000, discarded = 0) {
    const bytes = encodeRecords(trace);
    const path = join(folder, name);
    await using writer = await CtfWriter.create(path, STARTED_AT_NS);
    const records: TraceRecord[] = [];
    for (let at = 0; at < bytes.length; at += blockBytes)
      records.push(...(await writer.append(bytes.subarray(at, at + blockBytes))));
    return { path, records, summary: await writer.finish(discarded) };
  }

  async function read(path: string) {
    const reader = await CtfReader.open(path);
    const records: TraceRecord[] = [];
    for await (const record of reader.records()) records.push(record);
    return { records, summary: reader.summary };
  }

  /** For every record the offset where its packet ends. */
  async function endOfPacketByRecord(path: string): Promise<number[]> {
    const bytes = await readFile(join(path, 'stream_0'));
    const reader = await CtfReader.open(path);
    const ends: number[] = [];
    let end = 0;
    for await (const records of reader.packets()) {
      end += Number(bytes.readBigUInt64LE(end + 56)) / 8;
      ends.push(...records.map(() => end));
    }
    return ends;
  }

  it('gives back the records that were written, whatever the blocks', async () => {
    let number = 0;
    await fc.assert(
      fc.asyncProperty(arbitraryTrace, fc.integer({ min: 40, max: 2000 }), async (trace, blockBytes) => {
        const { path, records, summary } = await write(`${number++}`, trace, blockBytes);
        assert.deepEqual(records, new RecordDecoder().push(encodeRecords(trace)).records);
        assert.deepEqual(await read(path), { records, summary });
        assert.equal(summary.isComplete, true);
      }),
      { numRuns: 50 },
    );
  });

  it('is read by babeltrace2 with the same events and values', async () => {
    for (const [index, trace] of fc.sample(arbitraryTrace, { numRuns: 8, seed: 1 }).entries()) {
      const { path, records } = await write(`${index}`, trace);
      const { stdout } = await execa('babeltrace2', ['--clock-seconds', '--no-delta', path]);
      assert.deepEqual(stdout.split('\n'), records.map(asBabeltrace));
    }
    const { path, records } = await write('statuses', [
      { event: 'trace_start' },
      ...Object.values(NT_STATUS).map((status): RecordInput => ({ event: 'call_return', fn: 23, status })),
    ]);
    const { stdout } = await execa('babeltrace2', ['--clock-seconds', '--no-delta', path]);
    assert.deepEqual(stdout.split('\n'), records.map(asBabeltrace));
  });

  it('shows in babeltrace2 how many records are missing and where', async () => {
    const { path, summary } = await write('lossy', LOSSY, 1000, 9);
    assert.deepEqual(summary, { records: 6, discarded: 9, isComplete: true, failure: undefined });
    const { stderr } = await execa('babeltrace2', ['--clock-seconds', path]);
    const warnings = [...stderr.matchAll(/discarded (\d+) events between \[([\d.]+)\] and \[([\d.]+)\]/g)];
    assert.deepEqual(
      warnings.map(([, count, from, to]) => [count, from, to]),
      [
        ['2', '1763800000.123457700', '1763800000.123458700'],
        ['5', '1763800000.123459700', '1763800000.123460700'],
        ['2', '1763800000.123461700', '1763800000.123461700'],
      ],
    );
    assert.equal((await read(path)).summary.discarded, 9);
  });

  it('is readable up to the cut, wherever it is', async () => {
    const { path, records } = await write('whole', LOSSY, 100);
    const stream = join(path, 'stream_0');
    const size = (await readFile(stream)).length;
    for (let cut = size - 1; cut >= 0; cut--) {
      await truncate(stream, cut);
      const { records: readable, summary } = await read(path);
      assert.deepEqual(readable, records.slice(0, readable.length));
      assert.equal(summary.isComplete, readable.length === records.length);
      if (summary.failure) assert.equal(summary.failure.code, 'LAB_TRACE_CUT');
      assert.ok((summary.failure?.offset ?? cut) <= cut);
    }
  });

  it('is readable by babeltrace2 as far as it was written when the lab died', async () => {
    const path = join(folder, 'unfinished');
    await using writer = await CtfWriter.create(path, STARTED_AT_NS);
    const records = await writer.append(encodeRecords(LOSSY).subarray(0, 200));
    const { stdout } = await execa('babeltrace2', ['--clock-seconds', '--no-delta', path]);
    assert.deepEqual(stdout.split('\n'), records.map(asBabeltrace));
    assert.equal(records.length, 4);
  });

  it('answers any changed byte with the records before its packet, and never throws', async () => {
    const { path, records } = await write('whole', LOSSY, 100);
    const stream = join(path, 'stream_0');
    const bytes = await readFile(stream);
    const packetEnds = await endOfPacketByRecord(path);
    await fc.assert(
      fc.asyncProperty(fc.nat(bytes.length - 1), fc.integer({ min: 1, max: 255 }), async (offset, change) => {
        const damaged = Buffer.from(bytes);
        damaged[offset]! ^= change;
        await writeFile(stream, damaged);
        const { records: readable, summary } = await read(path);
        // Of the packets before the one with the changed byte, everything is there.
        const before = records.filter((_, index) => (packetEnds[index] ?? 0) <= offset);
        assert.deepEqual(readable, before);
        assert.ok(summary.failure && summary.failure.offset <= bytes.length);
      }),
      { numRuns: 150 },
    );
  });

  it('refuses what is no trace, another tracer, and another schema version by its number', async () => {
    await assert.rejects(read(folder), { code: 'LAB_TRACE_FOREIGN', exitCode: 2 });
    const { path } = await write('whole', LOSSY);
    const metadata = join(path, 'metadata');
    const text = await readFile(metadata, 'utf8');
    await writeFile(metadata, text.replace(`wsklab_schema = ${SCHEMA_VERSION}`, 'wsklab_schema = 99'));
    await assert.rejects(read(path), {
      code: 'LAB_TRACE_VERSION',
      message: `trace of schema version 99, this lab reads version ${SCHEMA_VERSION}`,
    });
    await writeFile(metadata, text.replace(/.*wsklab_format.*\n/, ''));
    await assert.rejects(read(path), {
      code: 'LAB_TRACE_VERSION',
      message: 'trace of format version 1, this lab reads version 2',
    });
    await writeFile(metadata, '/* CTF 1.8 */ trace { major = 1; minor = 8; };');
    await assert.rejects(read(path), { code: 'LAB_TRACE_FOREIGN' });
  });

  it('stores what came before a malformed block and says where the rest went wrong', async () => {
    const path = join(folder, 'bad');
    await using writer = await CtfWriter.create(path, STARTED_AT_NS);
    const good = encodeRecords(LOSSY.slice(0, 3));
    await writer.append(Buffer.concat([good, Buffer.alloc(64, 0xee)]));
    await writer.append(encodeRecords(LOSSY.slice(3)));
    const { failure, ...summary } = await writer.finish();
    assert.deepEqual(summary, { records: 3, discarded: 2, isComplete: false });
    assert.equal(failure?.offset, good.length);
    assert.equal((await read(path)).records.length, 3);
  });
});

/** A record as `babeltrace2 --clock-seconds --no-delta` prints it. */
function asBabeltrace(record: TraceRecord): string {
  const ns = STARTED_AT_NS + BigInt(record.time);
  const layout = LAYOUTS.find(({ name }) => name === record.event);
  const values = record as unknown as Record<string, unknown>;
  const fields = layout?.fields.map((field) => `${field.name} = ${fieldText(field, values[field.name])}`);
  const context = `tid = ${record.tid}, cpu = ${record.cpu}, irql = ${record.irql}, side = ${enumText(SIDE, record.side)}`;
  return (
    `[${ns / 1_000_000_000n}.${String(ns % 1_000_000_000n).padStart(9, '0')}] ` +
    `${record.event}: { ${context} }, { ${fields?.join(', ')} }`
  );
}

const hex = (value: number | bigint) => `0x${value.toString(16).toUpperCase()}`;
const hexArray = (bytes: Iterable<number>) =>
  `[ ${[...bytes].map((byte, i) => `[${i}] = ${hex(byte)}`).join(', ')} ]`;

function enumText(
  values: Record<string, number>,
  value: number,
  print: (value: number) => string = String,
): string {
  const name = Object.entries(values).find((entry) => entry[1] === value)?.[0];
  return `( ${name === undefined ? '<unknown>' : `"${name}"`} : container = ${print(value)} )`;
}

function fieldText({ type, display }: PlacedField, value: unknown): string {
  if (type === 'sockaddr') return socketAddressText(value as SocketAddress | null);
  if (type === 'guid') {
    const [a = '', b = '', c = '', d = '', e = ''] = (value as string).split('-');
    const number = (text: string) => hex(parseInt(text, 16));
    return `{ data1 = ${number(a)}, data2 = ${number(b)}, data3 = ${number(c)}, data4 = ${hexArray(Buffer.from(d + e, 'hex'))} }`;
  }
  if (type === 'name') return JSON.stringify(value);
  if (display === 'status') return enumText(NT_STATUS, value as number, hex);
  if (display === 'function') return enumText(FUNCTIONS, value as number);
  if (display === 'perturbation') return enumText(PERTURBATIONS, value as number);
  return display === 'hex' || display === 'event-mask' ? hex(value as number) : String(value);
}

function socketAddressText(value: SocketAddress | null): string {
  const parsed = parseAddress(value?.address ?? '');
  const bytes = parsed?.bytes ?? Buffer.from((value?.address ?? '').padEnd(32, '0'), 'hex');
  const { family, port } = value ?? { family: NULL_FAMILY, port: 0 };
  return `{ family = ${family}, port = ${port}, scope = ${parsed?.scope ?? 0}, address = ${hexArray(bytes)} }`;
}
