/** How a socket comes into being: from the record that brings it, and with the callbacks that are on from the start. */
import type { RecordOf } from '../trace/records.ts';
import { FUNCTIONS } from '../trace/schema.ts';
import type { Call } from './call.ts';
import { Socket, type Category } from './socket.ts';
import type { World } from './world.ts';
import { CONNECTION_EVENTS, EVENT } from './wsk.ts';

const FLAGS: readonly number[] = Object.values(EVENT);
const CATEGORIES = new Map<number, Category>([
  [0, 'basic'],
  [1, 'listen'],
  [2, 'connection'],
  [4, 'datagram'],
  [8, 'stream'],
]);

/** The socket of a WskSocket, WskSocketConnect or WskAccept; `call` made it, if it is known. */
export function socketFrom(world: World, record: RecordOf<'socket_created'>, call: Call | undefined): Socket {
  const enter = call?.enter;
  let socket: Socket;
  if (enter?.event === 'socket_enter') socket = socketMade(record, enter);
  else if (record.fn === FUNCTIONS.WskAccept) socket = socketAccepted(record, call);
  else socket = socketUnknown(record);
  const registration = world.registrationOf(socket.client);
  if (registration) presetStatic(socket, registration.staticEvents, socket.parent ? 'unknown' : 'on');
  return socket;
}

/** The AcceptSocket of a WskAcceptEvent. */
export function socketOffered(
  world: World,
  record: RecordOf<'accept_event_enter'>,
  listener: Socket | undefined,
): Socket {
  const socket = new Socket({
    id: record.accept_socket,
    pointer: record.accept_pointer,
    providerPointer: record.provider_socket,
    category: 'connection',
    obtained: 'WskAcceptEvent',
    parent: listener,
    family: listener?.family ?? 0,
    client: listener?.client ?? 0n,
    origin: record,
  });
  socket.isBound = socket.isConnected = true;
  if (!listener) return socket;
  inherit(socket, listener);
  const registration = world.registrationOf(listener.client);
  if (registration) presetStatic(socket, registration.staticEvents, 'unknown');
  return socket;
}

function socketMade(record: RecordOf<'socket_created'>, enter: RecordOf<'socket_enter'>): Socket {
  const socket = new Socket({
    id: record.socket,
    pointer: record.pointer,
    providerPointer: record.provider_socket,
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
    providerPointer: record.provider_socket,
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
    providerPointer: record.provider_socket,
    category: isConnected ? 'connection' : undefined,
    obtained: isConnected ? 'WskSocketConnect' : 'WskSocket',
    parent: undefined,
    family: 0,
    client: 0n,
    origin: record,
  });
  socket.isBound = socket.isConnected = isConnected;
  return socket;
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
