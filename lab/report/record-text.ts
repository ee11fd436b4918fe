/** A trace record in a few words, for time lines. `trace show` prints every field; this prints what a reader needs. */
import { eventName, EVENT_DISABLE, statusText } from '../check/wsk.ts';
import { endpointText } from '../check/wire.ts';
import type { TraceRecord } from '../trace/records.ts';
import { FUNCTIONS, PERTURBATIONS } from '../trace/schema.ts';
import type { TimelineEntry } from './run-result.ts';

type Source = TimelineEntry['source'];

const FUNCTION_NAMES = new Map<number, string>(Object.entries(FUNCTIONS).map(([name, id]) => [id, name]));
const PERTURBATION_NAMES = new Map<number, string>(
  Object.entries(PERTURBATIONS).map(([name, id]) => [id, name]),
);
const functionName = (id: number): string => FUNCTION_NAMES.get(id) ?? `function ${id}`;
const socketName = (socket: number): string => (socket === 0 ? 'NULL' : `socket ${socket}`);
const hex = (value: number | bigint): string => `0x${value.toString(16)}`;

const IRQL_NAMES = ['PASSIVE_LEVEL', 'APC_LEVEL', 'DISPATCH_LEVEL'];
const at = (record: TraceRecord): string =>
  `thread ${record.tid}, ${IRQL_NAMES[record.irql] ?? `IRQL ${record.irql}`}`;

const CALLBACKS =
  /^(accept_event|receive_event|disconnect_event|backlog_event|inspect_event|client_event)_(enter|return)$/;
const KERNEL = new Set([
  'wait_enter',
  'wait_return',
  'irp_memory',
  'mdl_memory',
  'pool_allocate',
  'pool_free',
  'irp_state',
]);
const RECORDER = new Set([
  'trace_start',
  'trace_stop',
  'perturbation',
  'crash',
  'table_changed',
  'socket_overwritten',
]);

export function recordSource({ event }: TraceRecord): Source {
  if (CALLBACKS.test(event) || event === 'callback_return' || event === 'accept_outputs') return 'callback';
  if (KERNEL.has(event)) return 'kernel';
  return RECORDER.has(event) ? 'recorder' : 'call';
}

export function recordText(record: TraceRecord): string {
  return callbackText(record) ?? callText(record) ?? recorderText(record) ?? genericText(record);
}

function callbackText(record: TraceRecord): string | undefined {
  switch (record.event) {
    case 'accept_event_enter':
      return `WskAcceptEvent on ${socketName(record.socket)}, AcceptSocket ${socketName(record.accept_socket)} from ${endpointText(record.remote)} (${at(record)})`;
    case 'accept_event_return':
      return `WskAcceptEvent returns ${statusText(record.status)}, context ${hex(record.context)}, dispatch ${hex(record.table)}`;
    case 'accept_outputs':
      return `WskAcceptEvent has set context ${hex(record.context)}, dispatch ${hex(record.table)} so far`;
    case 'receive_event_enter':
      return `WskReceiveEvent on ${socketName(record.socket)}, ${record.bytes} bytes (${at(record)})`;
    case 'receive_event_return':
      return `WskReceiveEvent on ${socketName(record.socket)} returns ${statusText(record.status)}, ${record.bytes_accepted} bytes accepted`;
    case 'disconnect_event_enter':
      return `WskDisconnectEvent on ${socketName(record.socket)}, flags ${hex(record.flags)} (${at(record)})`;
    case 'backlog_event_enter':
      return `WskSendBacklogEvent on ${socketName(record.socket)}, backlog ${record.backlog}`;
    case 'callback_return':
      return `callback of ${socketName(record.socket)} returns ${statusText(record.status)}`;
    default:
      return undefined;
  }
}

function callText(record: TraceRecord): string | undefined {
  switch (record.event) {
    case 'call_return':
      return `${functionName(record.fn)}${onSocket(record.socket)} returns ${statusText(record.status)}`;
    case 'irp_complete':
      return `IRP of ${functionName(record.fn)}${onSocket(record.socket)} completes, ${statusText(record.status)}`;
    case 'irp_complete_return':
      return `completion routine of ${functionName(record.fn)} returns ${statusText(record.status)}`;
    case 'socket_created':
      return `${functionName(record.fn)} hands over ${socketName(record.socket)}`;
    case 'socket_enter':
      return `WskSocket (${at(record)})`;
    case 'control_socket_enter':
      return `WskControlSocket${onSocket(record.socket)}${controlText(record.event_mask, record.irp)} (${at(record)})`;
    case 'bind_enter':
      return `WskBind${onSocket(record.socket)} to ${endpointText(record.local)}`;
    case 'accept_enter':
      return `WskAccept${onSocket(record.socket)} (${at(record)})`;
    case 'data_enter':
      return `${functionName(record.fn)}${onSocket(record.socket)}, ${record.length} bytes (${at(record)})`;
    case 'disconnect_enter':
      return `WskDisconnect${onSocket(record.socket)}, flags ${hex(record.flags)} (${at(record)})`;
    case 'close_enter':
      return `WskCloseSocket${onSocket(record.socket)} (${at(record)})`;
    case 'release_enter':
      return `WskRelease${onSocket(record.socket)}`;
    case 'address_enter':
    case 'other_enter':
    case 'registration_enter':
      return `${functionName(record.fn)} (${at(record)})`;
    default:
      return undefined;
  }
}

function recorderText(record: TraceRecord): string | undefined {
  switch (record.event) {
    case 'trace_start':
      return `the trace begins, seed ${record.seed}`;
    case 'trace_stop':
      return 'the trace ends';
    case 'perturbation':
      return `the recorder does ${PERTURBATION_NAMES.get(record.kind) ?? `perturbation ${record.kind}`}${onSocket(record.socket)}`;
    case 'crash':
      return `crash ${hex(record.code)} in ${record.module}+${hex(record.offset)}, target ${hex(record.target)}`;
    case 'wait_enter':
      return `${functionName(record.fn)} begins (${at(record)})`;
    case 'wait_return':
      return `${functionName(record.fn)} ends, ${statusText(record.status)}`;
    case 'pool_allocate':
      return `allocates ${record.size} bytes of ${record.paged ? 'paged' : 'non-paged'} pool at ${hex(record.address)}`;
    case 'pool_free':
      return `frees pool at ${hex(record.address)}`;
    default:
      return undefined;
  }
}

const onSocket = (socket: number): string => (socket === 0 ? '' : ` on socket ${socket}`);

function controlText(mask: number, irp: bigint): string {
  if (mask === 0) return '';
  const isDisable = (mask & EVENT_DISABLE) !== 0;
  const events = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20]
    .map((bit) => 1 << bit)
    .filter((flag) => (mask & flag) !== 0)
    .map(eventName);
  return `, ${isDisable ? 'disables' : 'enables'} ${events.join(' and ') || 'nothing'}, IRP ${irp === 0n ? 'NULL' : hex(irp)}`;
}

/** Every field that is not of the header, by name. */
function genericText(record: TraceRecord): string {
  const header = new Set(['event', 'position', 'time', 'tid', 'cpu', 'irql', 'side', 'discarded']);
  const fields = Object.entries(record)
    .filter(([name]) => !header.has(name))
    .map(
      ([name, value]) =>
        `${name} ${typeof value === 'bigint' ? hex(value) : typeof value === 'object' ? endpointText(value as never) : String(value)}`,
    );
  return `${record.event} ${fields.join(', ')}`;
}
