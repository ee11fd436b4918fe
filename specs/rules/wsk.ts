/** Numbers of wsk.h, ws2def.h and ntstatus.h that rules and stories use beyond those of lab/check/wsk.ts. */

export const STATUS = {
  SUCCESS: 0x00000000,
  PENDING: 0x00000103,
  TIMEOUT: 0x00000102,
  EVENT_PENDING: 0x40000013,
  BUFFER_OVERFLOW: 0x80000005,
  NOT_IMPLEMENTED: 0xc0000002,
  INVALID_PARAMETER: 0xc000000d,
  INVALID_DEVICE_REQUEST: 0xc0000010,
  MORE_PROCESSING_REQUIRED: 0xc0000016,
  ACCESS_DENIED: 0xc0000022,
  INSUFFICIENT_RESOURCES: 0xc000009a,
  DEVICE_NOT_READY: 0xc00000a3,
  FILE_FORCED_CLOSED: 0xc00000b6,
  NOT_SUPPORTED: 0xc00000bb,
  REQUEST_NOT_ACCEPTED: 0xc00000d0,
  CANCELLED: 0xc0000120,
  INVALID_DEVICE_STATE: 0xc0000184,
  ADDRESS_ALREADY_EXISTS: 0xc000020a,
  CONNECTION_RESET: 0xc000020d,
  DATA_NOT_ACCEPTED: 0xc000021b,
  CONNECTION_ABORTED: 0xc0000241,
  NOINTERFACE: 0xc00002b9,
} as const;

export const hex = (value: number | bigint) => `0x${value.toString(16)}`;

/** 'STATUS_PENDING', or the number of a status that has no name here. */
export function statusName(status: number): string {
  const name = Object.entries(STATUS).find(([, value]) => value === status)?.[0];
  return name === undefined ? hex(status) : `STATUS_${name}`;
}

/** Flags of WskSocket: the category of the socket. */
export const CATEGORY = { basic: 0, listen: 1, connection: 2, datagram: 4, stream: 8 } as const;

/** Flags of single functions and callbacks beyond those in lab/check; the values collide between functions. */
export const RECEIVE_EVENT_FLAG = { RELEASE_ASAP: 2, ENTIRE_MESSAGE: 4, AT_DISPATCH_LEVEL: 8 } as const;
export const RECEIVE_FLAG = { WAITALL: 2, DRAIN: 4 } as const;
export const SEND_FLAG = { NODELAY: 2, OOB: 1 } as const;

/** Address families. */
export const AF = { INET: 2, INET6: 23 } as const;
export const SOCK = { STREAM: 1, DGRAM: 2, RAW: 3 } as const;
export const IPPROTO = { TCP: 6, UDP: 17 } as const;

/** RequestType of WskControlSocket. */
export const REQUEST = { SetOption: 0, GetOption: 1, Ioctl: 2 } as const;
export const OPTION = {
  SO_REUSEADDR: 0x0004,
  SO_KEEPALIVE: 0x0008,
  SO_BROADCAST: 0x0020,
  SO_RCVBUF: 0x1002,
  SO_CONDITIONAL_ACCEPT: 0x3002,
  SO_WSK_SECURITY: 0x4001,
  SO_EXCLUSIVEADDRUSE: 0xfffffffb,
} as const;

/** Control codes of WskControlClient. */
export const CLIENT_CONTROL = {
  WSK_TRANSPORT_LIST_QUERY: 2,
  WSK_TRANSPORT_LIST_CHANGE: 3,
  WSK_CACHE_SD: 4,
  WSK_RELEASE_SD: 5,
  WSK_TDI_DEVICENAME_MAPPING: 6,
  WSK_TDI_BEHAVIOR: 8,
} as const;

/** sizeof(WSK_EVENT_CALLBACK_CONTROL) on 64-bit targets. */
export const EVENT_CALLBACK_CONTROL_BYTES = 16;
/** NPI_WSK_INTERFACE_ID, in the decoder's spelling. */
export const NPI_WSK_INTERFACE_ID = '2227e803-8d8b-11d4-abad-009027719e09';

/** Control codes of WskIoctl. */
export const SIO_WSK_REGISTER_EXTENSION = 0xcf000002;
/** SIO_ADDRESS_LIST_QUERY, _CHANGE and _SORT. */
export const SIO_ADDRESS_LIST: readonly number[] = [0x48000016, 0x28000017, 0xc8000019];

/** WaitTimeout of WskCaptureProviderNPI, otherwise milliseconds. */
export const WSK_NO_WAIT = 0;
export const WSK_INFINITE_WAIT = 0xffffffff;

/** Control bits of a stack location that say when its completion routine is called. */
export const SL_INVOKE_ON = { CANCEL: 0x20, SUCCESS: 0x40, ERROR: 0x80 } as const;

/** Control codes of WskControlClient that take no IRP; WSK_SET_STATIC_EVENT_CALLBACKS has evt/static-shape. */
export const CONTROL_WITHOUT_IRP: readonly number[] = [
  CLIENT_CONTROL.WSK_TRANSPORT_LIST_QUERY,
  CLIENT_CONTROL.WSK_CACHE_SD,
  CLIENT_CONTROL.WSK_RELEASE_SD,
  CLIENT_CONTROL.WSK_TDI_DEVICENAME_MAPPING,
  CLIENT_CONTROL.WSK_TDI_BEHAVIOR,
];
