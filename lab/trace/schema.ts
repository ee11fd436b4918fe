/**
 * The record layout, written down once. `npm run generate` makes the C header and the TypeScript record types
 * from it; the decoder and the CTF 1.8 metadata read it directly.
 *
 * Layout of one record, little-endian, 8-byte aligned, its size a multiple of 8:
 *
 *     header   id u16, size u16 (bytes, header included), discarded u32, time u64 (ticks of the trace's clock)
 *     context  tid u32, cpu u16, irql u8, side u8
 *     payload  the event's fields in order, each at its natural alignment, zero padding to 8 at the end
 *
 * `discarded` counts the records that did not fit before this one, since the trace began: a step between two
 * records says how many are missing and where.
 */

export type FieldType = 'u8' | 'u16' | 'u32' | 'u64' | 'i64' | 'sockaddr' | 'guid' | 'name';

/** Bytes and alignment. A sockaddr is { family u16, port u16 (host order), scope u32, address u8[16] }. */
export const FIELD_LAYOUT: Record<FieldType, { size: number; align: number }> = {
  u8: { size: 1, align: 1 },
  u16: { size: 2, align: 2 },
  u32: { size: 4, align: 4 },
  u64: { size: 8, align: 8 },
  i64: { size: 8, align: 8 },
  sockaddr: { size: 24, align: 4 },
  guid: { size: 16, align: 4 },
  name: { size: 32, align: 1 },
};

/** `display` says how people read the value; it changes nothing in the layout. */
export type Display = 'hex' | 'dec' | 'status' | 'event-mask' | 'function' | 'perturbation';
export interface Field {
  name: string;
  type: FieldType;
  display?: Display;
}

export interface EventType {
  id: number;
  name: string;
  /** One sentence: when the record is made. */
  about: string;
  fields: readonly Field[];
}

/** A record concerns the driver's side of the recorder, the provider's, or both (nothing was perturbed). */
export const SIDE = { both: 0, driver: 1, provider: 2 } as const;

/** Family of a sockaddr whose pointer was NULL. */
export const NULL_FAMILY = 0xffff;

/** Functions of WSK and of the kernel, as `fn` in records. */
export const FUNCTIONS = {
  WskRegister: 1,
  WskDeregister: 2,
  WskCaptureProviderNPI: 3,
  WskReleaseProviderNPI: 4,
  WskQueryProviderCharacteristics: 5,
  WskSocket: 10,
  WskSocketConnect: 11,
  WskControlClient: 12,
  WskGetAddressInfo: 13,
  WskFreeAddressInfo: 14,
  WskGetNameInfo: 15,
  WskControlSocket: 20,
  WskCloseSocket: 21,
  WskBind: 22,
  WskAccept: 23,
  WskInspectComplete: 24,
  WskGetLocalAddress: 25,
  WskGetRemoteAddress: 26,
  WskConnect: 27,
  WskConnectEx: 28,
  WskListen: 29,
  WskSend: 30,
  WskReceive: 31,
  WskDisconnect: 32,
  WskRelease: 33,
  WskSendTo: 34,
  WskReceiveFrom: 35,
  WskSendMessages: 36,
  KeWaitForSingleObject: 50,
  KeWaitForMultipleObjects: 51,
  KeDelayExecutionThread: 52,
  IoAllocateIrp: 53,
  IoFreeIrp: 54,
  IoReuseIrp: 55,
  IoAllocateMdl: 56,
  IoFreeMdl: 57,
} as const;
export type FunctionName = keyof typeof FUNCTIONS;

/** What the recorder did on purpose that the documentation permits WSK to do. */
export const PERTURBATIONS = {
  'dispatch-level': 1,
  'null-accept-socket': 2,
  'event-despite-irp': 3,
  'poison-addresses': 4,
  'pend-disable': 5,
  'withhold-completions': 6,
} as const;
export type PerturbationName = keyof typeof PERTURBATIONS;

const f = (name: string, type: FieldType, display?: Display): Field =>
  display ? { name, type, display } : { name, type };

const CALL = f('call', 'u64', 'dec');
const SOCKET = f('socket', 'u64', 'dec');
const IRP = f('irp', 'u64', 'hex');
const STATUS = f('status', 'u32', 'status');
const FUNCTION = f('fn', 'u32', 'function');
const FLAGS = f('flags', 'u32', 'hex');
const CALLBACK = f('callback', 'u64', 'dec');
const CONTEXT = f('context', 'u64', 'hex');
const TABLE = [
  f('table', 'u64', 'hex'),
  f('slot0', 'u64', 'hex'),
  f('slot1', 'u64', 'hex'),
  f('slot2', 'u64', 'hex'),
];

let nextId = 0;
const event = (name: string, about: string, ...fields: Field[]): EventType => ({
  id: ++nextId,
  name,
  about,
  fields,
});

/**
 * Ids are positions in this list: append only.
 *
 * Naming: `*_enter` is recorded before the call goes on, `*_return` after it came back. `call` numbers calls
 * and `callback` numbers callbacks from 1, each number used once in a trace. `socket` numbers WSK_SOCKETs from
 * 1 and is never reused; 0 is a NULL or unknown pointer (then `pointer` tells which). `table`/`slot0..2` are a
 * client dispatch table's address and its first three members at that moment (0 when the table is NULL).
 */
export const EVENTS: readonly EventType[] = [
  event(
    'trace_start',
    'the recorder began',
    f('frequency', 'u64', 'dec'),
    f('seed', 'u64', 'dec'),
    f('ring_bytes', 'u64', 'dec'),
    f('schema', 'u32', 'dec'),
    f('process', 'u32', 'dec'),
  ),
  event('trace_stop', 'the recorder was told to end the trace; nothing follows', f('records', 'u64', 'dec')),
  event(
    'perturbation',
    'the recorder does something that WSK may do',
    f('kind', 'u32', 'perturbation'),
    f('argument', 'u32', 'dec'),
    SOCKET,
    CALL,
    CALLBACK,
  ),
  event(
    'crash',
    'the driver host caught an unhandled exception',
    f('code', 'u32', 'hex'),
    f('access', 'u32', 'dec'),
    f('address', 'u64', 'hex'),
    f('target', 'u64', 'hex'),
    f('offset', 'u64', 'hex'),
    f('module', 'name'),
  ),

  event(
    'register_enter',
    'WskRegister is entered',
    CALL,
    f('block', 'u64', 'hex'),
    CONTEXT,
    f('dispatch', 'u64', 'hex'),
    f('client_event', 'u64', 'hex'),
    f('version', 'u16', 'hex'),
    f('reserved', 'u16', 'hex'),
  ),
  event(
    'capture_enter',
    'WskCaptureProviderNPI is entered',
    CALL,
    f('block', 'u64', 'hex'),
    f('timeout', 'u32', 'dec'),
  ),
  event(
    'capture_return',
    'WskCaptureProviderNPI came back',
    CALL,
    f('block', 'u64', 'hex'),
    f('client', 'u64', 'hex'),
    f('dispatch', 'u64', 'hex'),
    STATUS,
    f('version', 'u16', 'hex'),
  ),
  event(
    'query_return',
    'WskQueryProviderCharacteristics came back',
    CALL,
    f('block', 'u64', 'hex'),
    STATUS,
    f('lowest', 'u16', 'hex'),
    f('highest', 'u16', 'hex'),
  ),
  event(
    'registration_enter',
    'WskDeregister, WskReleaseProviderNPI or WskQueryProviderCharacteristics is entered',
    CALL,
    f('block', 'u64', 'hex'),
    FUNCTION,
  ),

  event(
    'call_return',
    'a function came back; its enter record has the same call',
    CALL,
    SOCKET,
    FUNCTION,
    STATUS,
  ),
  event(
    'irp_complete',
    'the completion routine that the driver set is about to be entered',
    CALL,
    SOCKET,
    IRP,
    f('information', 'u64', 'hex'),
    FUNCTION,
    STATUS,
  ),
  event('irp_complete_return', 'that completion routine came back', CALL, IRP, FUNCTION, STATUS),

  event(
    'socket_enter',
    'WskSocket is entered',
    CALL,
    IRP,
    f('client', 'u64', 'hex'),
    CONTEXT,
    ...TABLE,
    f('security_descriptor', 'u64', 'hex'),
    f('protocol', 'u32', 'dec'),
    FLAGS,
    f('family', 'u16', 'dec'),
    f('type', 'u16', 'dec'),
  ),
  event(
    'socket_created',
    'a WSK_SOCKET is handed to the driver by an IRP of WskSocket or WskAccept, just before its irp_complete; `pointer` is what the driver gets, `provider_socket` what WSK gave',
    CALL,
    SOCKET,
    f('parent', 'u64', 'dec'),
    f('pointer', 'u64', 'hex'),
    f('provider_socket', 'u64', 'hex'),
    f('provider_table', 'u64', 'hex'),
    FUNCTION,
  ),
  event(
    'control_client_enter',
    'WskControlClient is entered',
    CALL,
    IRP,
    f('client', 'u64', 'hex'),
    f('input', 'u64', 'hex'),
    f('input_size', 'u64', 'dec'),
    f('output', 'u64', 'hex'),
    f('output_size', 'u64', 'dec'),
    f('output_returned', 'u64', 'hex'),
    f('npi_id', 'guid'),
    f('code', 'u32', 'hex'),
    f('event_mask', 'u32', 'event-mask'),
  ),
  event(
    'control_socket_enter',
    'WskControlSocket is entered',
    CALL,
    SOCKET,
    f('pointer', 'u64', 'hex'),
    IRP,
    f('input', 'u64', 'hex'),
    f('input_size', 'u64', 'dec'),
    f('output', 'u64', 'hex'),
    f('output_size', 'u64', 'dec'),
    f('output_returned', 'u64', 'hex'),
    f('npi_id', 'guid'),
    f('request', 'u32', 'dec'),
    f('code', 'u32', 'hex'),
    f('level', 'u32', 'hex'),
    f('event_mask', 'u32', 'event-mask'),
  ),
  event(
    'bind_enter',
    'WskBind is entered',
    CALL,
    SOCKET,
    f('pointer', 'u64', 'hex'),
    IRP,
    f('local', 'sockaddr'),
    FLAGS,
  ),
  event(
    'accept_enter',
    'WskAccept is entered',
    CALL,
    SOCKET,
    f('pointer', 'u64', 'hex'),
    IRP,
    CONTEXT,
    ...TABLE,
    f('local_buffer', 'u64', 'hex'),
    f('remote_buffer', 'u64', 'hex'),
    FLAGS,
  ),
  event(
    'accept_addresses',
    'what a successful WskAccept put into the address buffers, just before its irp_complete',
    CALL,
    SOCKET,
    f('local', 'sockaddr'),
    f('remote', 'sockaddr'),
  ),
  event(
    'address_enter',
    'WskGetLocalAddress or WskGetRemoteAddress is entered',
    CALL,
    SOCKET,
    f('pointer', 'u64', 'hex'),
    IRP,
    f('buffer', 'u64', 'hex'),
    FUNCTION,
  ),
  event(
    'address_result',
    'the address that such a call gave, just before its irp_complete',
    CALL,
    SOCKET,
    f('value', 'sockaddr'),
    FUNCTION,
  ),
  event(
    'data_enter',
    'WskSend or WskReceive is entered',
    CALL,
    SOCKET,
    f('pointer', 'u64', 'hex'),
    IRP,
    f('mdl', 'u64', 'hex'),
    f('length', 'u64', 'dec'),
    f('offset', 'u32', 'dec'),
    FLAGS,
    FUNCTION,
  ),
  event(
    'disconnect_enter',
    'WskDisconnect is entered',
    CALL,
    SOCKET,
    f('pointer', 'u64', 'hex'),
    IRP,
    f('buffer', 'u64', 'hex'),
    f('length', 'u64', 'dec'),
    FLAGS,
  ),
  event('close_enter', 'WskCloseSocket is entered', CALL, SOCKET, f('pointer', 'u64', 'hex'), IRP),
  event(
    'release_enter',
    'WskRelease is entered',
    CALL,
    SOCKET,
    f('pointer', 'u64', 'hex'),
    f('indication', 'u64', 'hex'),
  ),
  event(
    'other_enter',
    'a function that has no record of its own is entered',
    CALL,
    SOCKET,
    f('pointer', 'u64', 'hex'),
    IRP,
    FUNCTION,
    FLAGS,
  ),

  event(
    'accept_event_enter',
    'the WskAcceptEvent callback is about to be entered; `accept_pointer` is what the driver gets, `provider_socket` what WSK gave',
    CALLBACK,
    SOCKET,
    CONTEXT,
    f('accept_socket', 'u64', 'dec'),
    f('accept_pointer', 'u64', 'hex'),
    f('provider_socket', 'u64', 'hex'),
    f('provider_table', 'u64', 'hex'),
    f('local', 'sockaddr'),
    f('remote', 'sockaddr'),
    FLAGS,
  ),
  event(
    'accept_event_return',
    "the WskAcceptEvent callback came back; `*_written` is 1 when the output variable no longer holds the recorder's marker, `addresses_changed` is 1 when a SOCKADDR is not what it was at enter",
    CALLBACK,
    SOCKET,
    f('accept_socket', 'u64', 'dec'),
    CONTEXT,
    ...TABLE,
    STATUS,
    f('context_written', 'u8', 'dec'),
    f('table_written', 'u8', 'dec'),
    f('addresses_changed', 'u8', 'dec'),
  ),
  event(
    'accept_outputs',
    'the output variables of an open WskAcceptEvent, seen when the driver enables events on the accepted socket inside it',
    CALLBACK,
    SOCKET,
    CONTEXT,
    ...TABLE,
    f('context_written', 'u8', 'dec'),
    f('table_written', 'u8', 'dec'),
  ),
  event(
    'receive_event_enter',
    'the WskReceiveEvent callback is about to be entered',
    CALLBACK,
    SOCKET,
    CONTEXT,
    f('indication', 'u64', 'hex'),
    f('bytes', 'u64', 'dec'),
    FLAGS,
  ),
  event(
    'receive_event_return',
    'the WskReceiveEvent callback came back',
    CALLBACK,
    SOCKET,
    f('bytes_accepted', 'u64', 'dec'),
    STATUS,
  ),
  event(
    'disconnect_event_enter',
    'the WskDisconnectEvent callback is about to be entered',
    CALLBACK,
    SOCKET,
    CONTEXT,
    FLAGS,
  ),
  event(
    'backlog_event_enter',
    'the WskSendBacklogEvent callback is about to be entered',
    CALLBACK,
    SOCKET,
    CONTEXT,
    f('backlog', 'u64', 'dec'),
  ),
  event(
    'inspect_event_enter',
    'the WskInspectEvent or WskAbortEvent callback is about to be entered',
    CALLBACK,
    SOCKET,
    CONTEXT,
    f('inspect_key', 'u64', 'hex'),
    f('inspect_serial', 'u32', 'dec'),
    f('abort', 'u32', 'dec'),
  ),
  event(
    'client_event_enter',
    'the WskClientEvent callback is about to be entered',
    CALLBACK,
    CONTEXT,
    f('event_type', 'u32', 'dec'),
  ),
  event(
    'callback_return',
    'a callback without a return record of its own came back',
    CALLBACK,
    SOCKET,
    STATUS,
  ),
  event(
    'table_changed',
    'a client dispatch table no longer holds what it held when the socket was made',
    SOCKET,
    ...TABLE,
  ),
  event(
    'socket_overwritten',
    'the driver wrote into a WSK_SOCKET',
    SOCKET,
    f('pointer', 'u64', 'hex'),
    f('value', 'u64', 'hex'),
  ),

  event(
    'wait_enter',
    'the driver begins a wait that may block; timeout in 100 ns as given, -1 for none',
    CALL,
    f('object', 'u64', 'hex'),
    f('timeout', 'i64', 'dec'),
    f('count', 'u32', 'dec'),
    FUNCTION,
  ),
  event('wait_return', 'that wait ended', CALL, FUNCTION, STATUS),
  event(
    'irp_memory',
    'the driver allocates, frees or reuses an IRP',
    IRP,
    FUNCTION,
    f('stack_count', 'u32', 'dec'),
  ),
  event(
    'mdl_memory',
    'the driver allocates or frees an MDL',
    f('mdl', 'u64', 'hex'),
    f('address', 'u64', 'hex'),
    f('length', 'u32', 'dec'),
    FUNCTION,
  ),
  event(
    'pool_allocate',
    'the driver allocates pool; paged is 1 for pageable pool',
    f('address', 'u64', 'hex'),
    f('size', 'u64', 'dec'),
    f('pool_type', 'u32', 'hex'),
    f('tag', 'u32', 'hex'),
    f('paged', 'u32', 'dec'),
  ),
  event('pool_free', 'the driver frees pool', f('address', 'u64', 'hex'), f('tag', 'u32', 'hex')),
  event(
    'irp_state',
    'the next stack location of an IRP as the driver hands it over, just before the enter record of the call',
    CALL,
    IRP,
    f('routine', 'u64', 'hex'),
    f('control', 'u32', 'hex'),
    f('stack_count', 'u32', 'dec'),
    f('current_location', 'u32', 'dec'),
  ),
  event(
    'addresses_poisoned',
    'the SOCKADDRs that a WskAcceptEvent callback was given are spoilt, after it came back: filled with the byte 0xa5, or unmapped when unreadable is 1',
    CALLBACK,
    SOCKET,
    f('local', 'u64', 'hex'),
    f('remote', 'u64', 'hex'),
    f('bytes', 'u32', 'dec'),
    f('unreadable', 'u32', 'dec'),
  ),
];

/** Version of the layout; a trace of another version is refused by its number. */
export const SCHEMA_VERSION = 2;
export const HEADER_BYTES = 24;
