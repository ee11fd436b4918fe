/** Made by `npm run generate` from schema.ts: do not edit. */

/** What every record has. */
export interface RecordCommon {
  /** Ordinal of the record in its trace, from 0. */
  position: number;
  /** Nanoseconds since trace_start. */
  time: number;
  tid: number;
  cpu: number;
  irql: number;
  /** One of SIDE. */
  side: number;
  /** Records that did not fit before this one, since the trace began. */
  discarded: number;
}

/** `address` is text: '10.77.0.2', 'fd77::2', 'fe80::1%3'; 32 hex digits if the family is neither AF_INET (2) nor AF_INET6 (23). */
export interface SocketAddress {
  family: number;
  port: number;
  address: string;
}

/** The recorder began. */
export interface TraceStart extends RecordCommon {
  event: 'trace_start';
  frequency: number;
  seed: number;
  ring_bytes: number;
  schema: number;
  process: number;
}

/** The recorder was told to end the trace; nothing follows. */
export interface TraceStop extends RecordCommon {
  event: 'trace_stop';
  records: number;
}

/** The recorder does something that WSK may do. */
export interface Perturbation extends RecordCommon {
  event: 'perturbation';
  kind: number;
  argument: number;
  socket: number;
  call: number;
  callback: number;
}

/** The driver host caught an unhandled exception. */
export interface Crash extends RecordCommon {
  event: 'crash';
  code: number;
  access: number;
  address: bigint;
  target: bigint;
  offset: bigint;
  module: string;
}

/** WskRegister is entered. */
export interface RegisterEnter extends RecordCommon {
  event: 'register_enter';
  call: number;
  block: bigint;
  context: bigint;
  dispatch: bigint;
  client_event: bigint;
  version: number;
  reserved: number;
}

/** WskCaptureProviderNPI is entered. */
export interface CaptureEnter extends RecordCommon {
  event: 'capture_enter';
  call: number;
  block: bigint;
  timeout: number;
}

/** WskCaptureProviderNPI came back. */
export interface CaptureReturn extends RecordCommon {
  event: 'capture_return';
  call: number;
  block: bigint;
  client: bigint;
  dispatch: bigint;
  status: number;
  version: number;
}

/** WskQueryProviderCharacteristics came back. */
export interface QueryReturn extends RecordCommon {
  event: 'query_return';
  call: number;
  block: bigint;
  status: number;
  lowest: number;
  highest: number;
}

/** WskDeregister, WskReleaseProviderNPI or WskQueryProviderCharacteristics is entered. */
export interface RegistrationEnter extends RecordCommon {
  event: 'registration_enter';
  call: number;
  block: bigint;
  fn: number;
}

/** A function came back; its enter record has the same call. */
export interface CallReturn extends RecordCommon {
  event: 'call_return';
  call: number;
  socket: number;
  fn: number;
  status: number;
}

/** The completion routine that the driver set is about to be entered. */
export interface IrpComplete extends RecordCommon {
  event: 'irp_complete';
  call: number;
  socket: number;
  irp: bigint;
  information: bigint;
  fn: number;
  status: number;
}

/** That completion routine came back. */
export interface IrpCompleteReturn extends RecordCommon {
  event: 'irp_complete_return';
  call: number;
  irp: bigint;
  fn: number;
  status: number;
}

/** WskSocket is entered. */
export interface SocketEnter extends RecordCommon {
  event: 'socket_enter';
  call: number;
  irp: bigint;
  client: bigint;
  context: bigint;
  table: bigint;
  slot0: bigint;
  slot1: bigint;
  slot2: bigint;
  security_descriptor: bigint;
  protocol: number;
  flags: number;
  family: number;
  type: number;
}

/** A WSK_SOCKET is handed to the driver by an IRP of WskSocket or WskAccept, just before its irp_complete; `pointer` is what the driver gets, `provider_socket` what WSK gave. */
export interface SocketCreated extends RecordCommon {
  event: 'socket_created';
  call: number;
  socket: number;
  parent: number;
  pointer: bigint;
  provider_socket: bigint;
  provider_table: bigint;
  fn: number;
}

/** WskControlClient is entered. */
export interface ControlClientEnter extends RecordCommon {
  event: 'control_client_enter';
  call: number;
  irp: bigint;
  client: bigint;
  input: bigint;
  input_size: number;
  output: bigint;
  output_size: number;
  output_returned: bigint;
  npi_id: string;
  code: number;
  event_mask: number;
}

/** WskControlSocket is entered. */
export interface ControlSocketEnter extends RecordCommon {
  event: 'control_socket_enter';
  call: number;
  socket: number;
  pointer: bigint;
  irp: bigint;
  input: bigint;
  input_size: number;
  output: bigint;
  output_size: number;
  output_returned: bigint;
  npi_id: string;
  request: number;
  code: number;
  level: number;
  event_mask: number;
}

/** WskBind is entered. */
export interface BindEnter extends RecordCommon {
  event: 'bind_enter';
  call: number;
  socket: number;
  pointer: bigint;
  irp: bigint;
  local: SocketAddress | null;
  flags: number;
}

/** WskAccept is entered. */
export interface AcceptEnter extends RecordCommon {
  event: 'accept_enter';
  call: number;
  socket: number;
  pointer: bigint;
  irp: bigint;
  context: bigint;
  table: bigint;
  slot0: bigint;
  slot1: bigint;
  slot2: bigint;
  local_buffer: bigint;
  remote_buffer: bigint;
  flags: number;
}

/** What a successful WskAccept put into the address buffers, just before its irp_complete. */
export interface AcceptAddresses extends RecordCommon {
  event: 'accept_addresses';
  call: number;
  socket: number;
  local: SocketAddress | null;
  remote: SocketAddress | null;
}

/** WskGetLocalAddress or WskGetRemoteAddress is entered. */
export interface AddressEnter extends RecordCommon {
  event: 'address_enter';
  call: number;
  socket: number;
  pointer: bigint;
  irp: bigint;
  buffer: bigint;
  fn: number;
}

/** The address that such a call gave, just before its irp_complete. */
export interface AddressResult extends RecordCommon {
  event: 'address_result';
  call: number;
  socket: number;
  value: SocketAddress | null;
  fn: number;
}

/** WskSend or WskReceive is entered. */
export interface DataEnter extends RecordCommon {
  event: 'data_enter';
  call: number;
  socket: number;
  pointer: bigint;
  irp: bigint;
  mdl: bigint;
  length: number;
  offset: number;
  flags: number;
  fn: number;
}

/** WskDisconnect is entered. */
export interface DisconnectEnter extends RecordCommon {
  event: 'disconnect_enter';
  call: number;
  socket: number;
  pointer: bigint;
  irp: bigint;
  buffer: bigint;
  length: number;
  flags: number;
}

/** WskCloseSocket is entered. */
export interface CloseEnter extends RecordCommon {
  event: 'close_enter';
  call: number;
  socket: number;
  pointer: bigint;
  irp: bigint;
}

/** WskRelease is entered. */
export interface ReleaseEnter extends RecordCommon {
  event: 'release_enter';
  call: number;
  socket: number;
  pointer: bigint;
  indication: bigint;
}

/** A function that has no record of its own is entered. */
export interface OtherEnter extends RecordCommon {
  event: 'other_enter';
  call: number;
  socket: number;
  pointer: bigint;
  irp: bigint;
  fn: number;
  flags: number;
}

/** The WskAcceptEvent callback is about to be entered; `accept_pointer` is what the driver gets, `provider_socket` what WSK gave. */
export interface AcceptEventEnter extends RecordCommon {
  event: 'accept_event_enter';
  callback: number;
  socket: number;
  context: bigint;
  accept_socket: number;
  accept_pointer: bigint;
  provider_socket: bigint;
  provider_table: bigint;
  local: SocketAddress | null;
  remote: SocketAddress | null;
  flags: number;
}

/** The WskAcceptEvent callback came back; `*_written` is 1 when the output variable no longer holds the recorder's marker, `addresses_changed` is 1 when a SOCKADDR is not what it was at enter. */
export interface AcceptEventReturn extends RecordCommon {
  event: 'accept_event_return';
  callback: number;
  socket: number;
  accept_socket: number;
  context: bigint;
  table: bigint;
  slot0: bigint;
  slot1: bigint;
  slot2: bigint;
  status: number;
  context_written: number;
  table_written: number;
  addresses_changed: number;
}

/** The output variables of an open WskAcceptEvent, seen when the driver enables events on the accepted socket inside it. */
export interface AcceptOutputs extends RecordCommon {
  event: 'accept_outputs';
  callback: number;
  socket: number;
  context: bigint;
  table: bigint;
  slot0: bigint;
  slot1: bigint;
  slot2: bigint;
  context_written: number;
  table_written: number;
}

/** The WskReceiveEvent callback is about to be entered. */
export interface ReceiveEventEnter extends RecordCommon {
  event: 'receive_event_enter';
  callback: number;
  socket: number;
  context: bigint;
  indication: bigint;
  bytes: number;
  flags: number;
}

/** The WskReceiveEvent callback came back. */
export interface ReceiveEventReturn extends RecordCommon {
  event: 'receive_event_return';
  callback: number;
  socket: number;
  bytes_accepted: number;
  status: number;
}

/** The WskDisconnectEvent callback is about to be entered. */
export interface DisconnectEventEnter extends RecordCommon {
  event: 'disconnect_event_enter';
  callback: number;
  socket: number;
  context: bigint;
  flags: number;
}

/** The WskSendBacklogEvent callback is about to be entered. */
export interface BacklogEventEnter extends RecordCommon {
  event: 'backlog_event_enter';
  callback: number;
  socket: number;
  context: bigint;
  backlog: number;
}

/** The WskInspectEvent or WskAbortEvent callback is about to be entered. */
export interface InspectEventEnter extends RecordCommon {
  event: 'inspect_event_enter';
  callback: number;
  socket: number;
  context: bigint;
  inspect_key: bigint;
  inspect_serial: number;
  abort: number;
}

/** The WskClientEvent callback is about to be entered. */
export interface ClientEventEnter extends RecordCommon {
  event: 'client_event_enter';
  callback: number;
  context: bigint;
  event_type: number;
}

/** A callback without a return record of its own came back. */
export interface CallbackReturn extends RecordCommon {
  event: 'callback_return';
  callback: number;
  socket: number;
  status: number;
}

/** A client dispatch table no longer holds what it held when the socket was made. */
export interface TableChanged extends RecordCommon {
  event: 'table_changed';
  socket: number;
  table: bigint;
  slot0: bigint;
  slot1: bigint;
  slot2: bigint;
}

/** The driver wrote into a WSK_SOCKET. */
export interface SocketOverwritten extends RecordCommon {
  event: 'socket_overwritten';
  socket: number;
  pointer: bigint;
  value: bigint;
}

/** The driver begins a wait that may block; timeout in 100 ns as given, -1 for none. */
export interface WaitEnter extends RecordCommon {
  event: 'wait_enter';
  call: number;
  object: bigint;
  timeout: number;
  count: number;
  fn: number;
}

/** That wait ended. */
export interface WaitReturn extends RecordCommon {
  event: 'wait_return';
  call: number;
  fn: number;
  status: number;
}

/** The driver allocates, frees or reuses an IRP. */
export interface IrpMemory extends RecordCommon {
  event: 'irp_memory';
  irp: bigint;
  fn: number;
  stack_count: number;
}

/** The driver allocates or frees an MDL. */
export interface MdlMemory extends RecordCommon {
  event: 'mdl_memory';
  mdl: bigint;
  address: bigint;
  length: number;
  fn: number;
}

/** The driver allocates pool; paged is 1 for pageable pool. */
export interface PoolAllocate extends RecordCommon {
  event: 'pool_allocate';
  address: bigint;
  size: number;
  pool_type: number;
  tag: number;
  paged: number;
}

/** The driver frees pool. */
export interface PoolFree extends RecordCommon {
  event: 'pool_free';
  address: bigint;
  tag: number;
}

/** The next stack location of an IRP as the driver hands it over, just before the enter record of the call. */
export interface IrpState extends RecordCommon {
  event: 'irp_state';
  call: number;
  irp: bigint;
  routine: bigint;
  control: number;
  stack_count: number;
  current_location: number;
}

/** The SOCKADDRs that a WskAcceptEvent callback was given are spoilt, after it came back: filled with the byte 0xa5, or unmapped when unreadable is 1. */
export interface AddressesPoisoned extends RecordCommon {
  event: 'addresses_poisoned';
  callback: number;
  socket: number;
  local: bigint;
  remote: bigint;
  bytes: number;
  unreadable: number;
}

/** A decoded record. Numbers beyond 2^53 are rounded: only a broken driver passes such lengths. */
export type TraceRecord =
  | TraceStart
  | TraceStop
  | Perturbation
  | Crash
  | RegisterEnter
  | CaptureEnter
  | CaptureReturn
  | QueryReturn
  | RegistrationEnter
  | CallReturn
  | IrpComplete
  | IrpCompleteReturn
  | SocketEnter
  | SocketCreated
  | ControlClientEnter
  | ControlSocketEnter
  | BindEnter
  | AcceptEnter
  | AcceptAddresses
  | AddressEnter
  | AddressResult
  | DataEnter
  | DisconnectEnter
  | CloseEnter
  | ReleaseEnter
  | OtherEnter
  | AcceptEventEnter
  | AcceptEventReturn
  | AcceptOutputs
  | ReceiveEventEnter
  | ReceiveEventReturn
  | DisconnectEventEnter
  | BacklogEventEnter
  | InspectEventEnter
  | ClientEventEnter
  | CallbackReturn
  | TableChanged
  | SocketOverwritten
  | WaitEnter
  | WaitReturn
  | IrpMemory
  | MdlMemory
  | PoolAllocate
  | PoolFree
  | IrpState
  | AddressesPoisoned;

export type EventName = TraceRecord['event'];

/** The record type of one event: RecordOf<'accept_enter'>. */
export type RecordOf<Name extends EventName> = Extract<TraceRecord, { event: Name }>;
