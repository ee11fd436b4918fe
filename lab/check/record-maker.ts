/** Records for unit tests: every field that a test does not name is empty. */
import type { EventName, RecordOf, TraceRecord } from '../trace/records.ts';
import { EVENTS, SIDE } from '../trace/schema.ts';

/** Makes the records of one trace in order: positions count, and a microsecond passes between two. */
export class RecordMaker {
  private position = 0;
  private time = 0;

  /** `pause` in ns before the record. */
  make<Name extends EventName>(event: Name, fields: Partial<RecordOf<Name>> = {}, pause = 1000): TraceRecord {
    const empty = EVENTS.find(({ name }) => name === event)!.fields.map((field) => {
      if (field.type === 'sockaddr') return [field.name, null];
      if (field.type === 'guid' || field.type === 'name') return [field.name, ''];
      return [field.name, field.type === 'u64' && field.display === 'hex' ? 0n : 0];
    });
    this.time += pause;
    return {
      event,
      position: this.position++,
      time: this.time,
      tid: 4,
      cpu: 0,
      irql: 0,
      side: SIDE.both,
      discarded: 0,
      ...Object.fromEntries(empty),
      ...fields,
    } as unknown as TraceRecord;
  }
}
