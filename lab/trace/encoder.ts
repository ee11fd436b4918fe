/** Encodes records as the recorder does: for tests, and for traces made by hand. */
import { writeField, type FieldValue } from './field-codec.ts';
import { LAYOUTS, type EventLayout } from './layout.ts';
import type { EventName, RecordOf } from './records.ts';
import { SCHEMA_VERSION, type Field } from './schema.ts';

const LAYOUT_BY_NAME = new Map<string, EventLayout>(LAYOUTS.map((layout) => [layout.name, layout]));

/** A record of which only the event has to be said; the rest is zero, a sockaddr is NULL. */
export type RecordInput = {
  [Name in EventName]: { event: Name } & Partial<Omit<RecordOf<Name>, 'event' | 'position'>>;
}[EventName];

/** What fields hold that nobody gave: a trace that does not say otherwise has this schema and a clock of 1 GHz. */
const DEFAULTS: Record<string, FieldValue> = { frequency: 1_000_000_000, schema: SCHEMA_VERSION };

const ZEROS: Partial<Record<Field['type'], FieldValue>> = {
  sockaddr: null,
  guid: '00000000-0000-0000-0000-000000000000',
  name: '',
};

/** One record. `frequency` (ticks per second) turns its time (ns) into ticks. */
export function encodeRecord(record: RecordInput, frequency = 1_000_000_000): Buffer {
  const layout = LAYOUT_BY_NAME.get(record.event);
  if (!layout) throw new TypeError(`no event '${record.event}'`);
  const bytes = Buffer.alloc(layout.bytes);
  bytes.writeUInt16LE(layout.id, 0);
  bytes.writeUInt16LE(layout.bytes, 2);
  bytes.writeUInt32LE(record.discarded ?? 0, 4);
  bytes.writeBigUInt64LE(BigInt(Math.round(((record.time ?? 0) * frequency) / 1e9)), 8);
  bytes.writeUInt32LE(record.tid ?? 0, 16);
  bytes.writeUInt16LE(record.cpu ?? 0, 20);
  bytes.writeUInt8(record.irql ?? 0, 22);
  bytes.writeUInt8(record.side ?? 0, 23);
  const values = record as unknown as Record<string, FieldValue | undefined>;
  for (const field of layout.fields) {
    const value = values[field.name] ?? DEFAULTS[field.name] ?? ZEROS[field.type];
    writeField(bytes, field.offset, field, value === undefined ? 0 : value);
  }
  return bytes;
}

/** Records one after the other; times are turned into ticks of the first trace_start's frequency. */
export function encodeRecords(records: readonly RecordInput[]): Buffer {
  const start = records.find((record) => record.event === 'trace_start');
  return Buffer.concat(records.map((record) => encodeRecord(record, start?.frequency)));
}
