/** Records made by hand, for unit tests and the bench: every field that is not named is empty. */
import type { EventName, RecordOf, TraceRecord } from '../trace/records.ts';
import { EVENTS, SIDE, type Field } from '../trace/schema.ts';

const emptyValue = ({ type, display }: Field): null | string | number | bigint => {
  if (type === 'sockaddr') return null;
  if (type === 'guid' || type === 'name') return '';
  return type === 'u64' && display === 'hex' ? 0n : 0;
};

const EMPTY = new Map<string, object>(
  EVENTS.map(({ name, fields }) => {
    const common = { position: 0, time: 0, tid: 4, cpu: 0, irql: 0, side: SIDE.both, discarded: 0 };
    const own = fields.map((field): [string, unknown] => [field.name, emptyValue(field)]);
    return [name, Object.fromEntries([...Object.entries({ event: name, ...common }), ...own])];
  }),
);

/** Copies of one template share their shape, as decoded records do. */
export const emptyRecord = <Name extends EventName>(event: Name): RecordOf<Name> =>
  ({ ...EMPTY.get(event) }) as RecordOf<Name>;

/** Makes the records of one trace in order: positions count, and time passes between two. */
export class RecordMaker {
  made = 0;
  /** Of the last one, in ns. */
  time = 0;

  /** `pause` in ns before the record. */
  make<Name extends EventName>(event: Name, fields: Partial<RecordOf<Name>> = {}, pause = 1000): TraceRecord {
    const record: TraceRecord = emptyRecord(event);
    record.time = this.time += pause;
    record.position = this.made++;
    return Object.assign(record, fields);
  }
}
