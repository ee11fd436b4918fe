/**
 * Text of a trace for people, a line for each record: time, processor and thread, IRQL, side, and what happened,
 * indented by what the thread is inside of.
 *
 *       0.4120 ms  1/77     @2   => WskAcceptEvent #3  socket 1, accept_socket 4, local 10.77.0.2:4000, ...
 *       0.4200 ms  1/77     @2   <= WskAcceptEvent #3  STATUS_SUCCESS after 8.0 us, ...
 *
 * '->' and '<-' are calls of the driver, '=>' and '<=' callbacks and completion routines of the driver.
 */
import { fieldText, functionName } from './field-text.ts';
import type { FieldValue } from './field-codec.ts';
import { LAYOUTS, type EventLayout } from './layout.ts';
import type { EventName, TraceRecord } from './records.ts';
import { SIDE } from './schema.ts';

/** What an event is of, where its fields do not say it by fn. */
const TITLES: Partial<Record<EventName, string>> = {
  register_enter: 'WskRegister',
  capture_enter: 'WskCaptureProviderNPI',
  capture_return: 'WskCaptureProviderNPI',
  query_return: 'WskQueryProviderCharacteristics',
  socket_enter: 'WskSocket',
  control_client_enter: 'WskControlClient',
  control_socket_enter: 'WskControlSocket',
  bind_enter: 'WskBind',
  accept_enter: 'WskAccept',
  disconnect_enter: 'WskDisconnect',
  close_enter: 'WskCloseSocket',
  release_enter: 'WskRelease',
  accept_event_enter: 'WskAcceptEvent',
  accept_event_return: 'WskAcceptEvent',
  receive_event_enter: 'WskReceiveEvent',
  receive_event_return: 'WskReceiveEvent',
  disconnect_event_enter: 'WskDisconnectEvent',
  backlog_event_enter: 'WskSendBacklogEvent',
  client_event_enter: 'WskClientEvent',
};

const LAYOUT_BY_NAME = new Map<string, EventLayout>(LAYOUTS.map((layout) => [layout.name, layout]));
const SIDE_LETTER = { [SIDE.both]: ' ', [SIDE.driver]: 'D', [SIDE.provider]: 'P' } as Record<number, string>;
/** Shown in front of the other fields, or by the arrow. */
const OWN_PLACE = new Set(['call', 'callback', 'fn', 'status']);
const ZERO_GUID = '00000000-0000-0000-0000-000000000000';
const DEEPEST_INDENT = 12;

/** A call, callback or completion that was entered and has not come back. */
interface Open {
  key: string;
  title: string;
  time: number;
}

export class TraceText {
  readonly #openByThread = new Map<number, Open[]>();
  #discarded = 0;

  /** The lines of the next record: one, and one before it where records are missing. */
  lines(record: TraceRecord): string[] {
    const missing = record.discarded - this.#discarded;
    this.#discarded = record.discarded;
    const gap = missing > 0 ? [`-- ${missing} records are missing here --`] : [];
    return [...gap, this.#line(record)];
  }

  #line(record: TraceRecord): string {
    const values = record as unknown as Record<string, FieldValue>;
    const phase = phaseOf(record);
    const open = this.#openByThread.get(record.tid) ?? [];
    const entered = phase.isReturn ? leave(open, phase.key) : undefined;
    const title = entered?.title ?? titleOf(record);
    const indent = '  '.repeat(Math.min(open.length, DEEPEST_INDENT));
    if (phase.isEnter) open.push({ key: phase.key, title, time: record.time });
    // Threads come and go: only those inside of something are kept.
    if (open.length > 0) this.#openByThread.set(record.tid, open);
    else this.#openByThread.delete(record.tid);

    const result = [
      'status' in values
        ? fieldText({ name: 'status', type: 'u32', display: 'status' }, values['status'] ?? 0)
        : '',
      entered ? `after ${((record.time - entered.time) / 1e3).toFixed(1)} us` : '',
    ];
    const details = [result.filter(Boolean).join(' '), ...fieldTexts(record)].filter(Boolean).join(', ');
    return `${prefix(record)} ${indent}${phase.arrow} ${title}${phase.number}${details && `  ${details}`}`;
  }
}

/** Forgets the entered thing and all that was entered after it and never came back. */
function leave(open: Open[], key: string): Open | undefined {
  const index = open.findLastIndex((entry) => entry.key === key);
  return index < 0 ? undefined : open.splice(index)[0];
}

function phaseOf(record: TraceRecord) {
  const { event } = record;
  const isCompletion = event === 'irp_complete' || event === 'irp_complete_return';
  const isReturn = event.endsWith('_return');
  const isEnter = event.endsWith('_enter') || event === 'irp_complete';
  const isCallback = isCompletion || (!('call' in record) && 'callback' in record);
  const number = 'call' in record ? record.call : 'callback' in record ? record.callback : 0;
  const arrows = isCallback ? ['=>', '<='] : ['->', '<-'];
  return {
    isEnter,
    isReturn,
    arrow: isEnter ? arrows[0] : isReturn ? arrows[1] : ' .',
    key: `${isCompletion ? `irp ${record.irp}` : isCallback ? 'callback' : 'call'} ${number}`,
    number: number === 0 ? '' : ` #${number}`,
  };
}

function titleOf(record: TraceRecord): string {
  if (record.event === 'inspect_event_enter') return record.abort ? 'WskAbortEvent' : 'WskInspectEvent';
  const title = TITLES[record.event] ?? ('fn' in record ? functionName(record.fn) : undefined);
  if (title === undefined) return record.event;
  if (record.event.startsWith('irp_complete')) return `completion of ${title}`;
  const isCall = record.event.endsWith('_enter') || record.event.endsWith('_return');
  return isCall ? title : `${record.event} ${title}`;
}

/** `name value` of each field; what is 0 in hex (a NULL pointer, no flags) and empty names and GUIDs are left out. */
export function fieldTexts(record: TraceRecord): string[] {
  const values = record as unknown as Record<string, FieldValue>;
  const layout = LAYOUT_BY_NAME.get(record.event);
  return (layout?.fields ?? []).flatMap((field) => {
    const value = values[field.name] ?? null;
    const isEmpty =
      value === 0n || value === '' || value === ZERO_GUID || (value === 0 && field.display === 'hex');
    return OWN_PLACE.has(field.name) || isEmpty ? [] : [`${field.name} ${fieldText(field, value)}`];
  });
}

function prefix({ time, cpu, tid, irql, side }: TraceRecord): string {
  const at = (time / 1e6).toFixed(4).padStart(12);
  return `${at} ms  ${`${cpu}/${tid}`.padEnd(8)} ${irql > 0 ? `@${irql}` : '  '} ${SIDE_LETTER[side] ?? '?'}`;
}
