/** What each record does to the world: the only place that changes it. */
import type { EventName, RecordOf, TraceRecord } from '../trace/records.ts';
import type { FunctionName } from '../trace/schema.ts';
import {
  Call,
  Callback,
  Completion,
  functionName,
  type CallbackEnter,
  type CallbackEvent,
  type CallEnter,
} from './call.ts';
import type { EventSwitch } from './event-switch.ts';
import { Registration } from './registration.ts';
import type { Socket } from './socket.ts';
import { socketFrom, socketOffered } from './socket-origin.ts';
import type { World } from './world.ts';
import {
  EVENT,
  EVENT_DISABLE,
  SO_WSK_EVENT_CALLBACK,
  STATUS_PENDING,
  STATUS_REQUEST_NOT_ACCEPTED,
  STATUS_SUCCESS,
  succeeded,
  WSK_SET_OPTION,
  WSK_SET_STATIC_EVENT_CALLBACKS,
} from './wsk.ts';

const FLAGS: readonly number[] = Object.values(EVENT);
const SWITCH_FOR: Partial<Record<CallbackEvent, number>> = {
  accept: EVENT.accept,
  receive: EVENT.receive,
  disconnect: EVENT.disconnect,
  backlog: EVENT.backlog,
};

type Applied = { [Name in EventName]?: (world: World, record: RecordOf<Name>) => void };

/** Brings the world from just before the record to just after it. */
export function applyRecord(world: World, record: TraceRecord): void {
  const applied = APPLIED[record.event] as ((world: World, record: TraceRecord) => void) | undefined;
  if (applied) applied(world, record);
}

function begin(
  world: World,
  fn: FunctionName,
  enter: CallEnter & { call: number; tid: number; irp?: bigint; socket?: number },
): Call {
  const irp = enter.irp ?? 0n;
  const socket = enter.socket ? world.socket(enter.socket) : undefined;
  const call = new Call({ number: enter.call, fn, enter, socket, irp });
  world.calls.set(call.number, call);
  world.activity(enter.tid)?.calls.push(call);
  if (irp !== 0n) world.irps.set(irp, call);
  if (socket) {
    socket.executing.push(call);
    if (irp !== 0n) socket.pending.push(call);
  }
  return call;
}

/** The status that a call ends with is known: its return, or its IRP's completion. */
function settle(call: Call, status: number, record: TraceRecord): void {
  if (status === STATUS_PENDING) return;
  if (call.changes) {
    for (const change of call.changes) {
      const inProgress = call.socket !== undefined && hasInProgress(call.socket, change.eventSwitch.flag);
      change.eventSwitch.end(change, status, record, inProgress);
    }
    call.changes = undefined;
  }
  const socket = call.socket;
  if (!socket || status !== STATUS_SUCCESS) return;
  if (call.fn === 'WskBind') socket.isBound = true;
  else if (call.fn === 'WskConnect' || call.fn === 'WskConnectEx') socket.isConnected = true;
  else if (call.fn === 'WskCloseSocket') socket.isClosed = true;
}

function retire(world: World, call: Call): void {
  if (call.isExecuting || (call.irp !== 0n && !call.completionReturned)) return;
  world.calls.delete(call.number);
  if (call.socket) world.release(call.socket);
}

function beginCallback(
  world: World,
  event: CallbackEvent,
  enter: CallbackEnter & { socket?: number },
  accepted?: Socket | null,
): void {
  const socket = enter.socket ? world.socket(enter.socket) : undefined;
  const callback = new Callback({ event, enter, socket, accepted });
  world.callbacks.set(callback.number, callback);
  world.enter(callback, enter.tid);
  if (!socket) return;
  socket.callbacks.push(callback);
  const it = switchOf(callback);
  if (!it) return;
  it.lastCall = world.now;
  it.idleSince = undefined;
}

function endCallback(world: World, number: number): Callback | undefined {
  const callback = world.callbacks.get(number);
  if (!callback) return undefined;
  world.callbacks.delete(number);
  world.leave(callback, callback.enter.tid);
  const socket = callback.socket;
  if (!socket) return callback;
  remove(socket.callbacks, callback);
  const it = switchOf(callback);
  if (it) it.lastCall = world.now;
  if (it?.state === 'fading' && !hasInProgress(socket, it.flag)) it.idleSince = world.now;
  world.release(socket);
  return callback;
}

const hasInProgress = (socket: Socket, flag: number): boolean =>
  socket.callbacks.some((callback) => SWITCH_FOR[callback.event] === flag);

function switchOf({ event, socket }: Callback): EventSwitch | undefined {
  const flag = SWITCH_FOR[event];
  return flag === undefined ? undefined : socket?.switchOf(flag);
}

function remove<T>(list: T[], item: T): void {
  const index = list.indexOf(item);
  if (index >= 0) list.splice(index, 1);
}

function socketCreated(world: World, record: RecordOf<'socket_created'>): void {
  const call = world.calls.get(record.call);
  const socket = socketFrom(world, record, call);
  world.add(socket);
  if (call) call.created = socket;
}

function acceptEventEnter(world: World, record: RecordOf<'accept_event_enter'>): void {
  const listener = world.socket(record.socket);
  let accepted: Socket | null = null;
  if (record.accept_socket !== 0) {
    accepted = socketOffered(world, record, listener);
    world.add(accepted);
  } else if (listener) {
    listener.deadSince ??= record;
  }
  beginCallback(world, 'accept', record, accepted);
}

function acceptEventReturn(world: World, record: RecordOf<'accept_event_return'>): void {
  const accepted = endCallback(world, record.callback)?.accepted;
  if (!accepted) return;
  accepted.acceptReturn = record;
  if (succeeded(record.status)) {
    if (record.context_written !== 0) accepted.context = record.context;
    if (record.table_written !== 0) accepted.dispatch = record;
    world.use(accepted);
  } else {
    accepted.rejected = record.status === STATUS_REQUEST_NOT_ACCEPTED;
  }
  world.release(accepted);
}

function controlSocketEnter(world: World, record: RecordOf<'control_socket_enter'>): void {
  const call = begin(world, 'WskControlSocket', record);
  if (record.code !== SO_WSK_EVENT_CALLBACK || record.request !== WSK_SET_OPTION || !call.socket) return;
  const disables = (record.event_mask & EVENT_DISABLE) !== 0;
  for (const flag of FLAGS) {
    if ((record.event_mask & flag) === 0) continue;
    call.changes ??= [];
    call.changes.push(call.socket.switchOf(flag).begin(disables));
  }
}

function controlClientEnter(world: World, record: RecordOf<'control_client_enter'>): void {
  begin(world, 'WskControlClient', record);
  const registration = world.registrationOf(record.client);
  if (registration && record.code === WSK_SET_STATIC_EVENT_CALLBACKS)
    registration.staticEvents |= record.event_mask;
}

function callReturn(world: World, record: RecordOf<'call_return'>): void {
  const call = world.calls.get(record.call);
  if (!call) return;
  call.status = record.status;
  if (call.socket) remove(call.socket.executing, call);
  settle(call, record.status, record);
  const enter = call.enter;
  if (enter.event === 'register_enter') {
    if (succeeded(record.status)) world.registration(enter.block).isRegistered = true;
  } else if (enter.event === 'registration_enter' && call.fn === 'WskDeregister') {
    world.registration(enter.block).deregisterReturn = record;
  }
  retire(world, call);
}

function irpComplete(world: World, record: RecordOf<'irp_complete'>): void {
  const call = world.calls.get(record.call);
  if (!call) return;
  call.completion = record.status;
  if (world.irps.get(call.irp) === call) world.irps.delete(call.irp);
  if (call.socket) remove(call.socket.pending, call);
  settle(call, record.status, record);
  world.enter(new Completion(call, record), record.tid);
}

function irpCompleteReturn(world: World, record: RecordOf<'irp_complete_return'>): void {
  const call = world.calls.get(record.call);
  if (!call) return;
  const completion = world
    .activities(record.tid)
    .findLast((activity) => activity.kind === 'completion' && activity.call === call);
  if (completion) world.leave(completion, record.tid);
  call.completionReturned = true;
  retire(world, call);
}

function registrationEnter(world: World, record: RecordOf<'registration_enter'>): void {
  const fn = functionName(record.fn) ?? 'WskDeregister';
  begin(world, fn, record);
  const registration = world.registration(record.block);
  if (fn === 'WskReleaseProviderNPI') registration.captures--;
  else if (fn === 'WskDeregister') registration.deregisterEnter = record;
}

function registerEnter(world: World, record: RecordOf<'register_enter'>): void {
  begin(world, 'WskRegister', record);
  world.registrations.set(record.block, new Registration(record.block));
}

function endCallWithoutIrp(world: World, number: number, status: number): void {
  const call = world.calls.get(number);
  if (!call) return;
  call.status = status;
  retire(world, call);
}

const byFunction =
  (fallback: FunctionName) =>
  (world: World, record: RecordOf<'address_enter' | 'other_enter'>): void => {
    begin(world, functionName(record.fn) ?? fallback, record);
  };

const APPLIED: Applied = {
  register_enter: registerEnter,
  capture_enter: (world, record) => void begin(world, 'WskCaptureProviderNPI', record),
  capture_return: (world, record) => {
    const enter = world.calls.get(record.call)?.enter;
    endCallWithoutIrp(world, record.call, record.status);
    if (!succeeded(record.status)) return;
    const registration = world.registration(enter?.event === 'capture_enter' ? enter.block : record.block);
    registration.captures++;
    world.clients.set(record.client, registration);
  },
  query_return: (world, record) => endCallWithoutIrp(world, record.call, record.status),
  registration_enter: registrationEnter,
  call_return: callReturn,
  irp_complete: irpComplete,
  irp_complete_return: irpCompleteReturn,
  socket_enter: (world, record) => void begin(world, 'WskSocket', record),
  socket_created: socketCreated,
  control_client_enter: controlClientEnter,
  control_socket_enter: controlSocketEnter,
  bind_enter: (world, record) => {
    const { socket } = begin(world, 'WskBind', record);
    if (socket) socket.bindAddress = record.local;
  },
  accept_enter: (world, record) => void begin(world, 'WskAccept', record),
  address_enter: byFunction('WskGetLocalAddress'),
  data_enter: (world, record) => {
    const { socket } = begin(world, functionName(record.fn) ?? 'WskSend', record);
    if (socket) socket.carriedData = true;
  },
  other_enter: byFunction('WskControlClient'),
  disconnect_enter: (world, record) => void begin(world, 'WskDisconnect', record),
  close_enter: (world, record) => {
    const { socket } = begin(world, 'WskCloseSocket', record);
    if (socket) socket.closeEnter ??= record;
  },
  release_enter: (world, record) => void begin(world, 'WskRelease', record),
  accept_event_enter: acceptEventEnter,
  accept_event_return: acceptEventReturn,
  receive_event_enter: (world, record) => beginCallback(world, 'receive', record),
  receive_event_return: (world, record) => void endCallback(world, record.callback),
  disconnect_event_enter: (world, record) => beginCallback(world, 'disconnect', record),
  backlog_event_enter: (world, record) => beginCallback(world, 'backlog', record),
  inspect_event_enter: (world, record) => beginCallback(world, 'inspect', record),
  client_event_enter: (world, record) => beginCallback(world, 'client', record),
  callback_return: (world, record) => void endCallback(world, record.callback),
  pool_allocate: (world, record) => world.pool.allocate(record),
  pool_free: (world, record) => world.pool.free(record.address),
};
