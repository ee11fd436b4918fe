/** Handlers for all calls on sockets, and for all callbacks of a connection, at once. */
import type { Handlers } from '../../../../lab/check/rule.ts';
import { EVENT } from '../../../../lab/check/wsk.ts';
import type { RecordOf } from '../../../../lab/trace/records.ts';

export type SocketCall = RecordOf<
  | 'control_socket_enter'
  | 'bind_enter'
  | 'accept_enter'
  | 'address_enter'
  | 'data_enter'
  | 'disconnect_enter'
  | 'close_enter'
  | 'release_enter'
  | 'other_enter'
>;

export type ConnectionEvent = RecordOf<
  'receive_event_enter' | 'disconnect_event_enter' | 'backlog_event_enter'
>;

export const onSocketCall = (handle: (record: SocketCall) => void): Handlers => ({
  control_socket_enter: handle,
  bind_enter: handle,
  accept_enter: handle,
  address_enter: handle,
  data_enter: handle,
  disconnect_enter: handle,
  close_enter: handle,
  release_enter: handle,
  other_enter: handle,
});

/** `flag` is the one of EVENT that enables the callback. */
export const onConnectionEvent = (handle: (record: ConnectionEvent, flag: number) => void): Handlers => ({
  receive_event_enter: (record) => handle(record, EVENT.receive),
  disconnect_event_enter: (record) => handle(record, EVENT.disconnect),
  backlog_event_enter: (record) => handle(record, EVENT.backlog),
});
