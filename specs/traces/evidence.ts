/** The lines of a case as what the recorder, the wire and the clients would have given. */
import type { ClientOperation, Packet } from '../../lab/check/evidence.ts';
import {
  EVENTS,
  FUNCTIONS,
  SCHEMA_VERSION,
  SIDE,
  type EventType,
  type FunctionName,
} from '../../lab/trace/schema.ts';
import type { Line } from './story.ts';
import { Names, readAddress, type Value } from './values.ts';

const LINE_NS = 10_000;
const UNIT_NS: Record<string, number> = { us: 1e3, ms: 1e6, s: 1e9 };

/** The function that an enter record is made for, where the record itself does not name it. */
const FUNCTION_OF: Record<string, FunctionName> = {
  register_enter: 'WskRegister',
  capture_enter: 'WskCaptureProviderNPI',
  socket_enter: 'WskSocket',
  control_client_enter: 'WskControlClient',
  control_socket_enter: 'WskControlSocket',
  bind_enter: 'WskBind',
  accept_enter: 'WskAccept',
  disconnect_enter: 'WskDisconnect',
  close_enter: 'WskCloseSocket',
  release_enter: 'WskRelease',
};

/** What a field is when neither its line nor the line that it belongs to says so. */
const DEFAULTS: Record<string, Record<string, string>> = {
  trace_start: {
    frequency: '1000000000',
    seed: '1',
    ring_bytes: '1048576',
    schema: `${SCHEMA_VERSION}`,
    process: '100',
  },
  irp_state: { routine: 'completionRoutine', control: '0xe0', stack_count: '1', current_location: '2' },
  irp_complete_return: { status: 'more_processing_required' },
  socket_enter: { client: 'wskClient', family: 'inet', type: '1', protocol: '6', flags: 'basic' },
  control_client_enter: { client: 'wskClient' },
  control_socket_enter: {
    input: 'control',
    input_size: '16',
    npi_id: 'wsk',
    code: '0x4002',
    level: '0xffff',
  },
  register_enter: {
    block: 'registration',
    context: 'clientContext',
    dispatch: 'clientDispatch',
    version: '0x100',
  },
  capture_enter: { block: 'registration', timeout: '0xffffffff' },
  capture_return: { client: 'wskClient', dispatch: 'providerDispatch', version: '0x100' },
  registration_enter: { block: 'registration' },
  query_return: { lowest: '0x100', highest: '0x100' },
};

export interface RecordValues {
  event: string;
  label: string;
  [field: string]: Value;
}

export interface CaseEvidence {
  records: RecordValues[];
  packets: Packet[];
  operations: ClientOperation[];
}

const readDelay = (word: string, where: string) => {
  const [, amount, unit = ''] = /^(\d+)(us|ms|s)$/.exec(word) ?? [];
  const scale = UNIT_NS[unit];
  if (amount === undefined || scale === undefined)
    throw new Error(`${where}: after=${word} has no unit us, ms, s`);
  return Number(amount) * scale;
};

/** Tables of the story: address name to the functions in its slots. */
export type Tables = Record<string, readonly string[]>;

class Builder {
  private readonly names = new Names();
  private readonly byLabel: Map<string, Line>;
  private readonly tables: Tables;

  constructor(known: readonly Line[], tables: Tables) {
    this.byLabel = new Map(known.map((line) => [line.label, line]));
    this.tables = tables;
  }

  private line(label: string, where: string): Line {
    const line = this.byLabel.get(label);
    if (!line) throw new Error(`${where}: there is no line "${label}"`);
    return line;
  }

  /** A line's words with those that it takes over: `of` the whole call or callback, `in` thread and IRQL. */
  private words(line: Line): Record<string, string> {
    const own = line.fields;
    const outer = own.in === undefined ? undefined : this.words(this.line(own.in, line.label));
    const within = outer && { tid: outer.tid ?? '20', irql: outer.irql ?? '0' };
    if (own.of === undefined) return { ...this.numbered(line), ...within, ...own };
    const of = this.line(own.of, line.label);
    const base: Record<string, string> = { ...DEFAULTS[of.event], ...this.words(of) };
    const fn = FUNCTION_OF[of.event];
    const taken = Object.fromEntries(
      ['call', 'callback', 'socket', 'irp', 'fn', 'tid', 'irql', 'block', 'side'].flatMap((name) =>
        base[name] === undefined ? [] : [[name, base[name]]],
      ),
    );
    return { ...(fn ? { fn } : {}), ...taken, ...this.parentOf(line, of), ...within, ...own };
  }

  /** A call or callback is numbered by the label of the line that begins it. */
  private numbered(line: Line): Record<string, string> {
    return {
      call: line.label,
      callback: line.label,
      ...(line.event.endsWith('_event_enter') ? { tid: '20' } : {}),
    };
  }

  private parentOf(line: Line, of: Line): Record<string, string> {
    const created = of.fields.creates;
    if (created === undefined) return {};
    if (line.event === 'irp_complete' && line.fields.status === 'success')
      return { information: `socket.${created}` };
    if (line.event !== 'socket_created') return {};
    const listener = of.fields.socket;
    return listener === undefined
      ? { parent: '0', provider_table: `provider.${of.fields.flags ?? 'basic'}` }
      : { parent: listener, provider_table: 'provider.connection' };
  }

  /** Undefined for a line without a place in the trace: the IRP of a call that has none. */
  record(line: Line, time: number, discarded: number): RecordValues | undefined {
    const type = EVENTS.find(({ name }) => name === line.event);
    if (!type) throw new Error(`${line.label}: "${line.event}" is no event of the schema`);
    const words: Record<string, string | undefined> = { ...DEFAULTS[line.event], ...this.words(line) };
    this.derive(type, words);
    if (line.event === 'irp_state' && (words.irp === undefined || words.irp === '0')) return undefined;
    this.refuseUnknown(type, line);
    const fields = type.fields.map((field) => [
      field.name,
      this.names.read(field, words[field.name] ?? (field.type === 'sockaddr' ? 'null' : '0'), line.label),
    ]);
    return {
      event: line.event,
      label: line.label,
      time,
      tid: Number(words.tid ?? 4),
      cpu: Number(words.cpu ?? 0),
      irql: Number(words.irql ?? 0),
      side: SIDE[(words.side ?? 'both') as keyof typeof SIDE],
      discarded,
      ...(Object.fromEntries(fields) as Record<string, Value>),
    };
  }

  private derive(type: EventType, words: Record<string, string | undefined>): void {
    const pointer = (name?: string) => (name === undefined || name === '0' ? '0' : `socket.${name}`);
    words.pointer ??= pointer(words.socket);
    words.accept_pointer ??= pointer(words.accept_socket);
    words.provider_socket ??= pointer(words.accept_socket ?? words.socket).replace('socket.', 'wsk.');
    if (type.name === 'accept_event_enter' && pointer(words.accept_socket) !== '0')
      words.provider_table ??= 'provider.connection';
    const slots = words.table === undefined ? [] : (this.tables[words.table] ?? []);
    slots.forEach((slot, index) => (words[`slot${index}`] ??= slot));
    if (type.name === 'accept_event_return' && words.status === 'success') {
      words.context_written ??= '1';
      words.table_written ??= '1';
    }
  }

  private refuseUnknown(type: EventType, line: Line): void {
    const allowed = new Set([
      ...type.fields.map(({ name }) => name),
      ...['of', 'in', 'tid', 'cpu', 'irql', 'side', 'after', 'lost'],
      ...['creates', 'gives', 'gives_local', 'gives_remote'],
    ]);
    const wrong = Object.keys(line.fields).find((name) => !allowed.has(name));
    if (wrong !== undefined) throw new Error(`${line.label}: ${type.name} has no field "${wrong}"`);
  }
}

function packet(line: Line, time: number, position: number): Packet {
  const { from = 'null', to = 'null', is = '', bytes, seq, acks } = line.fields;
  const [source, destination] = [readAddress(from, line.label), readAddress(to, line.label)];
  if (!source || !destination) throw new Error(`${line.label}: a packet needs from= and to=`);
  const flag = (letter: string) => is.includes(letter);
  return {
    position,
    time,
    source,
    destination,
    syn: flag('S'),
    ack: flag('A'),
    fin: flag('F'),
    rst: flag('R'),
    psh: flag('P'),
    sequence: Number(seq ?? 1),
    acknowledgement: Number(acks ?? 1),
    payloadBytes: Number(bytes ?? 0),
  };
}

function operation(line: Line, time: number, position: number): ClientOperation {
  const { connection, kind, result, local, remote, bytes, took } = line.fields;
  return {
    position,
    time,
    began: time - (took === undefined ? 0 : readDelay(took, line.label)),
    connection: Number(connection ?? 1),
    kind: (kind ?? 'connect') as ClientOperation['kind'],
    result: (result ?? 'ok') as ClientOperation['result'],
    local: local === undefined ? null : readAddress(local, line.label),
    remote: remote === undefined ? null : readAddress(remote, line.label),
    bytes: Number(bytes ?? 0),
  };
}

/** `known` holds also the lines that an edit took away: a return may speak of a call that is not in the trace. */
export function buildEvidence(lines: readonly Line[], known: readonly Line[], tables: Tables): CaseEvidence {
  const builder = new Builder(known, tables);
  const evidence: CaseEvidence = { records: [], packets: [], operations: [] };
  let time = 0;
  let discarded = 0;
  for (const line of lines) {
    if (line.event !== 'trace_start') time += LINE_NS;
    if (line.fields.after !== undefined) time += readDelay(line.fields.after, line.label);
    discarded += Number(line.fields.lost ?? 0);
    if (line.event === 'packet') evidence.packets.push(packet(line, time, evidence.packets.length));
    else if (line.event === 'client')
      evidence.operations.push(operation(line, time, evidence.operations.length));
    else {
      const record = builder.record(line, time, discarded);
      if (record) evidence.records.push(record);
    }
  }
  for (const record of evidence.records)
    if (record.event === 'trace_stop' && record.records === 0) record.records = evidence.records.length;
  return evidence;
}

/** Functions by their numbers, for error messages and reports of a failed case. */
export const functionName = (fn: number) =>
  Object.entries(FUNCTIONS).find(([, number]) => number === fn)?.[0] ?? `function ${fn}`;
