/**
 * The objects that are alive, as one side of the recorder knows them: sockets, calls, callbacks, IRPs, threads,
 * registrations, pool. Rules ask it so that they need little state of their own; apply-record.ts keeps it up to date.
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
import type { RecordOf } from '../trace/records.ts';
import type { Activity, Call, Callback } from './call.ts';
import { Pool } from './pool.ts';
import { Registration } from './registration.ts';
import type { Socket } from './socket.ts';

const RECENT = 1024;

export class World {
  /** Position and time of the piece of evidence in hand, in ns since trace_start. */
  position = 0;
  now = 0;
  readonly sockets = new Map<number, Socket>();
  /** Those of them that listen. */
  readonly listeners = new Set<Socket>();
  readonly calls = new Map<number, Call>();
  /** IRPs between C and I, by address. */
  readonly irps = new Map<bigint, Call>();
  /** Event callbacks between E and X, by number. */
  readonly callbacks = new Map<number, Callback>();
  readonly pool = new Pool();
  readonly registrations = new Map<bigint, Registration>();
  private readonly pointers = new Map<bigint, Socket>();
  private readonly providerPointers = new Map<bigint, Socket>();
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

  /** The socket that is alive at this address of WSK's own. */
  socketAtProvider(pointer: bigint): Socket | undefined {
    return this.providerPointers.get(pointer);
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

  /** @internal Drops a socket that nothing can refer to any more. */
  release(socket: Socket): void {
    if (socket.isGone || !(socket.isClosed || socket.isDisowned)) return;
    if (socket.callbacks.length + socket.executing.length + socket.pending.length > 0) return;
    socket.isGone = true;
    this.sockets.delete(socket.id);
    this.listeners.delete(socket);
    this.pool.disuse(socket);
    if (this.pointers.get(socket.pointer) === socket) this.pointers.delete(socket.pointer);
    if (this.providerPointers.get(socket.providerPointer) === socket)
      this.providerPointers.delete(socket.providerPointer);
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
    if (socket.category === 'listen') this.listeners.add(socket);
    this.use(socket);
    if (socket.pointer !== 0n) this.pointers.set(socket.pointer, socket);
    if (socket.providerPointer !== 0n) this.providerPointers.set(socket.providerPointer, socket);
    if (socket.id > this.newestSocket) this.newestSocket = socket.id;
  }

  /** @internal Its context and client dispatch table are known now. */
  use(socket: Socket): void {
    if (socket.context !== undefined) this.pool.use(socket.context, socket);
    if (socket.dispatch) this.pool.use(socket.dispatch.table, socket);
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
    else if (stack.includes(activity)) stack.splice(stack.indexOf(activity), 1);
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
