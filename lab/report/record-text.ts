/** A trace record in a few words, for time lines. `trace show` prints every field; this is what a reader needs. */
import { EVENT_DISABLE } from '../check/wsk.ts';
import { endpointText } from '../check/wire.ts';
import { eventMaskText, functionName, perturbationName, printable } from '../trace/field-text.ts';
import { ntStatusName } from '../trace/nt-status.ts';
import type { TraceRecord } from '../trace/records.ts';
import { fieldTexts } from '../trace/show.ts';
import type { TimelineEntry } from './run-result.ts';

type Source = TimelineEntry['source'];

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
  return (
    callbackText(record) ??
    callText(record) ??
    recorderText(record) ??
    `${record.event} ${fieldTexts(record).join(', ')}`
  );
}

function callbackText(record: TraceRecord): string | undefined {
  switch (record.event) {
    case 'accept_event_enter':
      return `WskAcceptEvent on ${socketName(record.socket)}, AcceptSocket ${socketName(record.accept_socket)} from ${endpointText(record.remote)} (${at(record)})`;
    case 'accept_event_return':
      return `WskAcceptEvent returns ${ntStatusName(record.status)}, context ${hex(record.context)}, dispatch ${hex(record.table)}`;
    case 'accept_outputs':
      return `WskAcceptEvent has set context ${hex(record.context)}, dispatch ${hex(record.table)} so far`;
    case 'receive_event_enter':
      return `WskReceiveEvent on ${socketName(record.socket)}, ${record.bytes} bytes (${at(record)})`;
    case 'receive_event_return':
      return `WskReceiveEvent on ${socketName(record.socket)} returns ${ntStatusName(record.status)}, ${record.bytes_accepted} bytes accepted`;
    case 'disconnect_event_enter':
      return `WskDisconnectEvent on ${socketName(record.socket)}, flags ${hex(record.flags)} (${at(record)})`;
    case 'backlog_event_enter':
      return `WskSendBacklogEvent on ${socketName(record.socket)}, backlog ${record.backlog}`;
    case 'callback_return':
      return `callback of ${socketName(record.socket)} returns ${ntStatusName(record.status)}`;
    default:
      return undefined;
  }
}

function callText(record: TraceRecord): string | undefined {
  switch (record.event) {
    case 'call_return':
      return `${functionName(record.fn)}${onSocket(record.socket)} returns ${ntStatusName(record.status)}`;
    case 'irp_complete':
      return `IRP of ${functionName(record.fn)}${onSocket(record.socket)} completes, ${ntStatusName(record.status)}`;
    case 'irp_complete_return':
      return `completion routine of ${functionName(record.fn)} returns ${ntStatusName(record.status)}`;
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
      return `the recorder does ${perturbationName(record.kind)}${onSocket(record.socket)}`;
    case 'crash':
      return `crash ${hex(record.code)} in ${printable(record.module)}+${hex(record.offset)}, target ${hex(record.target)}`;
    case 'wait_enter':
      return `${functionName(record.fn)} begins (${at(record)})`;
    case 'wait_return':
      return `${functionName(record.fn)} ends, ${ntStatusName(record.status)}`;
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
  const verb = (mask & EVENT_DISABLE) === 0 ? 'enables' : 'disables';
  const events = eventMaskText((mask & ~EVENT_DISABLE) >>> 0);
  return `, ${verb} ${events}, IRP ${irp === 0n ? 'NULL' : hex(irp)}`;
}
