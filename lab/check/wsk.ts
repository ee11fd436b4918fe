/** Values of wsk.h and ntstatus.h that the world and the rules need. */

export const STATUS_SUCCESS = 0x00000000;
export const STATUS_PENDING = 0x00000103;
export const STATUS_EVENT_PENDING = 0x40000013;
export const STATUS_REQUEST_NOT_ACCEPTED = 0xc00000d0;
export const STATUS_FILE_FORCED_CLOSED = 0xc00000b6;
export const STATUS_DATA_NOT_ACCEPTED = 0xc000021b;
export const STATUS_MORE_PROCESSING_REQUIRED = 0xc0000016;

/** NT_SUCCESS: success and informational statuses; also true for STATUS_PENDING and STATUS_EVENT_PENDING. */
export const succeeded = (status: number): boolean => status >>> 31 === 0;

export const statusText = (status: number): string =>
  NAMES.get(status) ?? `0x${status.toString(16).padStart(8, '0')}`;

const NAMES = new Map([
  [STATUS_SUCCESS, 'STATUS_SUCCESS'],
  [STATUS_PENDING, 'STATUS_PENDING'],
  [STATUS_EVENT_PENDING, 'STATUS_EVENT_PENDING'],
  [STATUS_REQUEST_NOT_ACCEPTED, 'STATUS_REQUEST_NOT_ACCEPTED'],
  [STATUS_FILE_FORCED_CLOSED, 'STATUS_FILE_FORCED_CLOSED'],
  [STATUS_DATA_NOT_ACCEPTED, 'STATUS_DATA_NOT_ACCEPTED'],
  [STATUS_MORE_PROCESSING_REQUIRED, 'STATUS_MORE_PROCESSING_REQUIRED'],
]);

export const PASSIVE_LEVEL = 0;
export const DISPATCH_LEVEL = 2;

export const AF_INET = 2;
export const AF_INET6 = 23;

/** Flags of event callbacks. */
export const WSK_FLAG_AT_DISPATCH_LEVEL = 0x8;
/** Flags of WskDisconnect and WskDisconnectEvent. */
export const WSK_FLAG_ABORTIVE = 0x1;

export const SOL_SOCKET = 0xffff;
export const SO_WSK_EVENT_CALLBACK = 0x4002;
export const WSK_SET_STATIC_EVENT_CALLBACKS = 7;
/** WSK_CONTROL_SOCKET_TYPE. */
export const WSK_SET_OPTION = 0;

/** Event masks of SO_WSK_EVENT_CALLBACK. */
export const EVENT = {
  backlog: 0x10,
  receive: 0x40,
  disconnect: 0x80,
  receiveFrom: 0x100,
  accept: 0x200,
} as const;
export const EVENT_DISABLE = 0x80000000;
/** What may be enabled on a connection, and on a listener for the connections accepted on it. */
export const CONNECTION_EVENTS = EVENT.backlog | EVENT.receive | EVENT.disconnect;

export const eventName = (flag: number): string =>
  ({
    [EVENT.backlog]: 'WSK_EVENT_SEND_BACKLOG',
    [EVENT.receive]: 'WSK_EVENT_RECEIVE',
    [EVENT.disconnect]: 'WSK_EVENT_DISCONNECT',
    [EVENT.receiveFrom]: 'WSK_EVENT_RECEIVE_FROM',
    [EVENT.accept]: 'WSK_EVENT_ACCEPT',
  })[flag] ?? `event 0x${flag.toString(16)}`;
