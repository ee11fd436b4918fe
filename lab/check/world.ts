/**
 * The objects that are alive, as one side of the recorder knows them: sockets, calls, callbacks, IRPs, threads,
 * registrations, pool. Rules ask it so that they need little state of their own.
 *
 * Two worlds. Where the recorder perturbs, the driver and WSK live through different things, and no single
 * model can hold both. So the engine keeps one World per side and feeds each with the records of its side and
 * the common ones. Within a side everything is consistent; what only the other side saw does not exist:
 *
 * - null-accept-socket: the driver's listener is dead (`deadSince`) and its later calls end with
 *   STATUS_FILE_FORCED_CLOSED; the provider's lives on, and what it still delivers never reaches the driver.
 * - event-despite-irp: for the driver the WskAccept is pending from its own enter on, for WSK from the moment
 *   that the recorder passes it on; so only the driver sees an event with an IRP queued.
 * - withhold-completions: the IRP completes earlier for WSK than for the driver.
 * - pend-disable: the callback begins earlier for WSK than for the driver, so that a disable between finds it
 *   in progress; for the driver it begins after STATUS_EVENT_PENDING.
 * - dispatch-level: only Flags and IRQL differ; each side has an enter record of its own.
 * - A call on a socket that the driver closed or rejected is not passed on: only the driver's world has it.
 * A return recorded for both sides of what only one side entered is ignored by the other world.
 *
 * Memory follows what is alive: a call goes when it has returned and its completion routine has, a socket when
 * it is closed or rejected and no call, IRP or callback of it is left. The last RECENT of the gone ones can
 * still be found by id, so that a late call on one is recognised.
 */
import type { EventName, RecordOf, TraceRecord } from '../trace/records.ts';
import { FUNCTIONS, type FunctionName } from '../trace/schema.ts';
import {
  Call,
  Callback,
  Completion,
  type Activity,
  type CallbackEnter,
  type CallbackEvent,
  type CallEnter,
} from './call.ts';
import type { EventSwitch } from './event-switch.ts';
import { Pool } from './pool.ts';
import { Registration } from './registration.ts';
import { Socket, type Category } from './socket.ts';
import {
  CONNECTION_EVENTS,
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

const RECENT = 1024;
const FLAGS: readonly number[] = Object.values(EVENT);
const FUNCTION_NAMES = new Map<number, FunctionName>(
  Object.entries(FUNCTIONS).map(([name, number]) => [number, name as FunctionName]),
);
const CATEGORIES = new Map<number, Category>([
  [0, 'basic'],
  [1, 'listen'],
  [2, 'connection'],
  [4, 'datagram'],
  [8, 'stream'],
]);
const SWITCH_FOR: Partial<Record<CallbackEvent, number>> = {
  accept: EVENT.accept,
  receive: EVENT.receive,
  disconnect: EVENT.disconnect,
  backlog: EVENT.backlog,
};

export const functionName = (fn: number): FunctionName | undefined => FUNCTION_NAMES.get(fn);

type Applied = { [Name in EventName]?: (world: World, record: RecordOf<Name>) => void };

export class World {
  /** Position and time of the piece of evidence in hand, in ns since trace_start. */
  position = 0;
  now = 0;
  readonly sockets = new Map<number, Socket>();
  readonly calls = new Map<number, Call>();
  /** IRPs between C and I, by address. */
  readonly irps = new Map<bigint, Call>();
  /** Event callbacks between E and X, by number. */
  readonly callbacks = new Map<number, Callback>();
  readonly pool = new Pool();
  readonly registrations = new Map<bigint, Registration>();
  private readonly pointers = new Map<bigint, Socket>();
  private readonly recent = new Map<number, Socket>();
  private readonly threads = new Map<number, Activity[]>();
  /** @internal */
  readonly clients = new Map<bigint, Registration>();
  private newestSocket = 0;

  /** A socket that is alive, or one of the last that were (`isGone`). */
  socket(id: number): Socket | undefined {
    return this.sockets.get(id) ?? this.recent.get(id);
  }

  /** The socket that is alive at this address of a WSK_SOCKET. */
  socketAt(pointer: bigint): Socket | undefined {
    return this.pointers.get(pointer);
  }

  /** True if this socket existed and is gone, even if it is too long ago for `socket` to find it. */
  isGone(id: number): boolean {
    return id !== 0 && id <= this.newestSocket && !this.sockets.has(id);
  }

  call(number: number): Call | undefined {
    return this.calls.get(number);
  }

  callback(number: number): Callback | undefined {
    return this.callbacks.get(number);
  }

  /** The innermost callback or completion routine in progress on a thread. */
  activity(tid: number): Activity | undefined {
    return this.threads.get(tid)?.at(-1);
  }

  /** All of them, outermost first. */
  activities(tid: number): readonly Activity[] {
    return this.threads.get(tid) ?? [];
  }

  /** The registration whose capture gave this PWSK_CLIENT. */
  registrationOf(client: bigint): Registration | undefined {
    return this.clients.get(client);
  }

  /** True once the driver has no way left to use a socket of this client: its WskDeregister has returned. */
  isDeregistered(socket: Socket): boolean {
    const own = this.clients.get(socket.client);
    if (own) return own.deregisterReturn !== undefined;
    if (this.registrations.size === 0) return false;
    for (const each of this.registrations.values()) if (!each.deregisterReturn) return false;
    return true;
  }

  /** The record that began the WskDeregister of this socket's client. */
  deregisterEnter(socket: Socket): RecordOf<'registration_enter'> | undefined {
    const own = this.clients.get(socket.client);
    if (own) return own.deregisterEnter;
    for (const each of this.registrations.values()) if (each.deregisterEnter) return each.deregisterEnter;
    return undefined;
  }

  apply(record: TraceRecord): void {
    const applied = APPLIED[record.event] as ((world: World, record: TraceRecord) => void) | undefined;
    if (applied) applied(this, record);
  }

  /** @internal */
  begin(fn: FunctionName, enter: CallEnter & { call: number; tid: number }, id: number, irp: bigint): Call {
    const socket = id === 0 ? undefined : this.socket(id);
    const call = new Call({ number: enter.call, fn, enter, socket, irp, inside: this.activity(enter.tid) });
    this.calls.set(call.number, call);
    call.inside?.calls.push(call);
    if (irp !== 0n) this.irps.set(irp, call);
    if (socket) {
      socket.executing.push(call);
      if (irp !== 0n) socket.pending.push(call);
    }
    return call;
  }

  /** @internal The status that a call ends with is known: its return, or its IRP's completion. */
  settle(call: Call, status: number, record: TraceRecord): void {
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

  /** @internal */
  retire(call: Call): void {
    if (call.isExecuting || (call.irp !== 0n && !call.completionReturned)) return;
    this.calls.delete(call.number);
    if (call.socket) this.release(call.socket);
  }

  /** @internal Drops a socket that nothing can refer to any more. */
  release(socket: Socket): void {
    if (socket.isGone || !(socket.isClosed || socket.isDisowned)) return;
    if (socket.callbacks.length + socket.executing.length + socket.pending.length > 0) return;
    socket.isGone = true;
    this.sockets.delete(socket.id);
    if (this.pointers.get(socket.pointer) === socket) this.pointers.delete(socket.pointer);
    this.recent.set(socket.id, socket);
    if (this.recent.size <= RECENT) return;
    for (const oldest of this.recent.keys()) {
      this.recent.delete(oldest);
      break;
    }
  }

  /** @internal */
  add(socket: Socket): void {
    this.sockets.set(socket.id, socket);
    if (socket.pointer !== 0n) this.pointers.set(socket.pointer, socket);
    if (socket.id > this.newestSocket) this.newestSocket = socket.id;
  }

  /** @internal */
  enter(activity: Activity, tid: number): void {
    const stack = this.threads.get(tid);
    if (stack) stack.push(activity);
    else this.threads.set(tid, [activity]);
  }

  /** @internal */
  leave(activity: Activity, tid: number): void {
    const stack = this.threads.get(tid);
    if (!stack) return;
    if (stack.length === 1 && stack[0] === activity) this.threads.delete(tid);
    else remove(stack, activity);
  }

  /** @internal */
  beginCallback(event: CallbackEvent, enter: CallbackEnter, id: number, accepted?: Socket | null): void {
    const socket = this.socket(id);
    const callback = new Callback({ event, enter, socket, accepted });
    this.callbacks.set(callback.number, callback);
    this.enter(callback, enter.tid);
    if (!socket) return;
    socket.callbacks.push(callback);
    const fading = fadingSwitch(socket, event);
    if (fading) fading.idleSince = undefined;
  }

  /** @internal */
  endCallback(number: number, tid: number): Callback | undefined {
    const callback = this.callbacks.get(number);
    if (!callback) return undefined;
    this.callbacks.delete(number);
    this.leave(callback, callback.enter.tid === tid ? tid : callback.enter.tid);
    const socket = callback.socket;
    if (!socket) return callback;
    remove(socket.callbacks, callback);
    const fading = fadingSwitch(socket, callback.event);
    if (fading && !hasInProgress(socket, fading.flag)) fading.idleSince = this.now;
    this.release(socket);
    return callback;
  }

  /** @internal */
  registration(block: bigint): Registration {
    const known = this.registrations.get(block);
    if (known) return known;
    const made = new Registration(block);
    this.registrations.set(block, made);
    return made;
  }
}

const hasInProgress = (socket: Socket, flag: number): boolean =>
  socket.callbacks.some((callback) => SWITCH_FOR[callback.event] === flag);

function fadingSwitch(socket: Socket, event: CallbackEvent): EventSwitch | undefined {
  const flag = SWITCH_FOR[event];
  const found = flag === undefined ? undefined : socket.switchOf(flag);
  return found?.state === 'fading' ? found : undefined;
}

function remove<T>(list: T[], item: T): void {
  const index = list.indexOf(item);
  if (index >= 0) list.splice(index, 1);
}

/** What a switch of a listener says about the same callback of a connection that it accepts now. */
function inherit(accepted: Socket, listener: Socket): void {
  for (const flag of FLAGS) {
    if ((flag & CONNECTION_EVENTS) === 0) continue;
    const source = listener.switchOf(flag);
    if (!source.mayFire) continue;
    accepted.switchOf(flag).preset(source.mustFire ? 'on' : 'unknown', 'inherited');
  }
}

/** Whether static callbacks reach accepted sockets is not documented, so there they are only `unknown`. */
function presetStatic(socket: Socket, events: number, state: 'on' | 'unknown'): void {
  for (const flag of FLAGS) {
    if ((events & socket.fittingEvents & flag) !== 0) socket.switchOf(flag).preset(state, 'static');
  }
}

function socketCreated(world: World, record: RecordOf<'socket_created'>): void {
  const call = world.calls.get(record.call);
  const enter = call?.enter;
  let socket: Socket;
  if (enter?.event === 'socket_enter') socket = socketMade(record, enter);
  else if (record.fn === FUNCTIONS.WskAccept) socket = socketAccepted(record, call);
  else socket = socketUnknown(record);
  const registration = world.registrationOf(socket.client);
  if (registration) presetStatic(socket, registration.staticEvents, socket.parent ? 'unknown' : 'on');
  world.add(socket);
  if (call) call.created = socket;
}

function socketMade(record: RecordOf<'socket_created'>, enter: RecordOf<'socket_enter'>): Socket {
  const socket = new Socket({
    id: record.socket,
    pointer: record.pointer,
    category: CATEGORIES.get(enter.flags) ?? 'basic',
    obtained: 'WskSocket',
    parent: undefined,
    family: enter.family,
    client: enter.client,
    origin: record,
  });
  socket.context = enter.context;
  socket.dispatch = enter;
  return socket;
}

function socketAccepted(record: RecordOf<'socket_created'>, call: Call | undefined): Socket {
  const parent = call?.socket;
  const socket = new Socket({
    id: record.socket,
    pointer: record.pointer,
    category: 'connection',
    obtained: 'WskAccept',
    parent,
    family: parent?.family ?? 0,
    client: parent?.client ?? 0n,
    origin: record,
  });
  socket.isBound = socket.isConnected = true;
  if (call?.enter.event === 'accept_enter') {
    socket.context = call.enter.context;
    socket.dispatch = call.enter;
  }
  return socket;
}

/** Of WskSocketConnect, whose enter has no record of its own, or of a call from before the trace. */
function socketUnknown(record: RecordOf<'socket_created'>): Socket {
  const isConnected = record.fn === FUNCTIONS.WskSocketConnect;
  const socket = new Socket({
    id: record.socket,
    pointer: record.pointer,
    category: isConnected ? 'connection' : 'basic',
    obtained: isConnected ? 'WskSocketConnect' : 'WskSocket',
    parent: undefined,
    family: 0,
    client: 0n,
    origin: record,
  });
  socket.isBound = socket.isConnected = isConnected;
  return socket;
}

function acceptEventEnter(world: World, record: RecordOf<'accept_event_enter'>): void {
  const listener = world.socket(record.socket);
  let accepted: Socket | null = null;
  if (record.accept_socket !== 0) {
    accepted = new Socket({
      id: record.accept_socket,
      pointer: record.accept_pointer,
      category: 'connection',
      obtained: 'WskAcceptEvent',
      parent: listener,
      family: listener?.family ?? 0,
      client: listener?.client ?? 0n,
      origin: record,
    });
    accepted.isBound = accepted.isConnected = true;
    if (listener) {
      inherit(accepted, listener);
      const registration = world.registrationOf(listener.client);
      if (registration) presetStatic(accepted, registration.staticEvents, 'unknown');
    }
    world.add(accepted);
  } else if (listener) {
    listener.deadSince ??= record;
  }
  world.beginCallback('accept', record, record.socket, accepted);
}

function acceptEventReturn(world: World, record: RecordOf<'accept_event_return'>): void {
  const accepted = world.endCallback(record.callback, record.tid)?.accepted;
  if (!accepted) return;
  accepted.acceptReturn = record;
  if (succeeded(record.status)) {
    if (record.context_written !== 0) accepted.context = record.context;
    if (record.table_written !== 0) accepted.dispatch = record;
  } else {
    accepted.rejected = record.status === STATUS_REQUEST_NOT_ACCEPTED;
  }
  world.release(accepted);
}

function controlSocketEnter(world: World, record: RecordOf<'control_socket_enter'>): void {
  const call = world.begin('WskControlSocket', record, record.socket, record.irp);
  if (record.code !== SO_WSK_EVENT_CALLBACK || record.request !== WSK_SET_OPTION || !call.socket) return;
  const disables = (record.event_mask & EVENT_DISABLE) !== 0;
  for (const flag of FLAGS) {
    if ((record.event_mask & flag) === 0) continue;
    call.changes ??= [];
    call.changes.push(call.socket.switchOf(flag).begin(disables));
  }
}

function controlClientEnter(world: World, record: RecordOf<'control_client_enter'>): void {
  world.begin('WskControlClient', record, 0, record.irp);
  const registration = world.registrationOf(record.client);
  if (registration && record.code === WSK_SET_STATIC_EVENT_CALLBACKS)
    registration.staticEvents |= record.event_mask;
}

function callReturn(world: World, record: RecordOf<'call_return'>): void {
  const call = world.calls.get(record.call);
  if (!call) return;
  call.status = record.status;
  if (call.socket) remove(call.socket.executing, call);
  world.settle(call, record.status, record);
  const enter = call.enter;
  if (enter.event === 'register_enter') {
    if (succeeded(record.status)) world.registration(enter.block).isRegistered = true;
  } else if (enter.event === 'registration_enter' && call.fn === 'WskDeregister') {
    world.registration(enter.block).deregisterReturn = record;
  }
  world.retire(call);
}

function irpComplete(world: World, record: RecordOf<'irp_complete'>): void {
  const call = world.calls.get(record.call);
  if (!call) return;
  call.completion = record.status;
  if (world.irps.get(call.irp) === call) world.irps.delete(call.irp);
  if (call.socket) remove(call.socket.pending, call);
  world.settle(call, record.status, record);
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
  world.retire(call);
}

function registrationEnter(world: World, record: RecordOf<'registration_enter'>): void {
  const fn = functionName(record.fn) ?? 'WskDeregister';
  world.begin(fn, record, 0, 0n);
  const registration = world.registration(record.block);
  if (fn === 'WskReleaseProviderNPI') registration.captures--;
  else if (fn === 'WskDeregister') registration.deregisterEnter = record;
}

function registerEnter(world: World, record: RecordOf<'register_enter'>): void {
  world.begin('WskRegister', record, 0, 0n);
  world.registrations.set(record.block, new Registration(record.block));
}

function endCallWithoutIrp(world: World, number: number, status: number): void {
  const call = world.calls.get(number);
  if (!call) return;
  call.status = status;
  world.retire(call);
}

const byFunction =
  (fallback: FunctionName) =>
  (world: World, record: RecordOf<'address_enter' | 'other_enter'>): void => {
    world.begin(functionName(record.fn) ?? fallback, record, record.socket, record.irp);
  };

const APPLIED: Applied = {
  register_enter: registerEnter,
  capture_enter: (world, record) => void world.begin('WskCaptureProviderNPI', record, 0, 0n),
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
  socket_enter: (world, record) => void world.begin('WskSocket', record, 0, record.irp),
  socket_created: socketCreated,
  control_client_enter: controlClientEnter,
  control_socket_enter: controlSocketEnter,
  bind_enter: (world, record) => {
    const { socket } = world.begin('WskBind', record, record.socket, record.irp);
    if (socket) socket.bindAddress = record.local;
  },
  accept_enter: (world, record) => void world.begin('WskAccept', record, record.socket, record.irp),
  address_enter: byFunction('WskGetLocalAddress'),
  data_enter: (world, record) => {
    const { socket } = world.begin(functionName(record.fn) ?? 'WskSend', record, record.socket, record.irp);
    if (socket) socket.carriedData = true;
  },
  other_enter: byFunction('WskControlClient'),
  disconnect_enter: (world, record) => void world.begin('WskDisconnect', record, record.socket, record.irp),
  close_enter: (world, record) => {
    const { socket } = world.begin('WskCloseSocket', record, record.socket, record.irp);
    if (socket) socket.closeEnter ??= record;
  },
  release_enter: (world, record) => void world.begin('WskRelease', record, record.socket, 0n),
  accept_event_enter: acceptEventEnter,
  accept_event_return: acceptEventReturn,
  receive_event_enter: (world, record) => world.beginCallback('receive', record, record.socket),
  receive_event_return: (world, record) => void world.endCallback(record.callback, record.tid),
  disconnect_event_enter: (world, record) => world.beginCallback('disconnect', record, record.socket),
  backlog_event_enter: (world, record) => world.beginCallback('backlog', record, record.socket),
  inspect_event_enter: (world, record) => world.beginCallback('inspect', record, record.socket),
  client_event_enter: (world, record) => world.beginCallback('client', record, 0),
  callback_return: (world, record) => void world.endCallback(record.callback, record.tid),
  pool_allocate: (world, record) => world.pool.allocate(record),
  pool_free: (world, record) => world.pool.free(record.address),
};
