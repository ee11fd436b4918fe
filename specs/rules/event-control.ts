/** SO_WSK_EVENT_CALLBACK calls and the callbacks that they switch, as many clauses speak of them. */
import type { CallbackEvent } from '../../lab/check/call.ts';
import type { Judge } from '../../lab/check/rule.ts';
import type { Socket } from '../../lab/check/socket.ts';
import { CONNECTION_EVENTS, EVENT, EVENT_DISABLE, SO_WSK_EVENT_CALLBACK } from '../../lab/check/wsk.ts';
import type { RecordOf } from '../../lab/trace/records.ts';
import { REQUEST } from './wsk.ts';

export type EventControl = RecordOf<'control_socket_enter'>;

/** The option, by whatever request; IOCTLs number their codes apart. */
export const isEventControl = (record: EventControl) =>
  record.code === SO_WSK_EVENT_CALLBACK && record.request !== REQUEST.Ioctl;

export const isDisable = (record: EventControl) => isEventControl(record) && maskHas(record, EVENT_DISABLE);
export const isEnable = (record: EventControl) => isEventControl(record) && !maskHas(record, EVENT_DISABLE);

const maskHas = (record: EventControl, flag: number) => (record.event_mask & flag) !== 0;

export const KNOWN_EVENTS = CONNECTION_EVENTS | EVENT.receiveFrom | EVENT.accept;
export const FLAGS: readonly number[] = Object.values(EVENT);

/** The event flags of a mask, without WSK_EVENT_DISABLE. */
export const eventsIn = (mask: number) => (mask & ~EVENT_DISABLE) >>> 0;
export const flagsIn = (mask: number) => FLAGS.filter((flag) => (mask & flag) !== 0);

export function bitCount(mask: number): number {
  let count = 0;
  for (let rest = mask >>> 0; rest !== 0; rest &= rest - 1) count++;
  return count;
}

/** The flag that switches a callback; 0 for those that the option does not know. */
export const FLAG_OF: Record<CallbackEvent, number> = {
  accept: EVENT.accept,
  receive: EVENT.receive,
  disconnect: EVENT.disconnect,
  backlog: EVENT.backlog,
  inspect: 0,
  client: 0,
};

export type SwitchedEnter = RecordOf<
  'accept_event_enter' | 'receive_event_enter' | 'disconnect_event_enter' | 'backlog_event_enter'
>;
export const SWITCHED_ENTERS = [
  'accept_event_enter',
  'receive_event_enter',
  'disconnect_event_enter',
  'backlog_event_enter',
] as const;

const FLAG_OF_ENTER: Record<SwitchedEnter['event'], number> = {
  accept_event_enter: EVENT.accept,
  receive_event_enter: EVENT.receive,
  disconnect_event_enter: EVENT.disconnect,
  backlog_event_enter: EVENT.backlog,
};
export const flagOfEnter = (record: SwitchedEnter) => FLAG_OF_ENTER[record.event];

export const callbackName = (flag: number) =>
  ({
    [EVENT.accept]: 'WskAcceptEvent',
    [EVENT.receive]: 'WskReceiveEvent',
    [EVENT.disconnect]: 'WskDisconnectEvent',
    [EVENT.backlog]: 'WskSendBacklogEvent',
  })[flag] ?? 'a callback';

/** Calls of one callback of one socket between E and X, as the world knows them now. */
export const inProgress = (socket: Socket, flag: number) =>
  socket.callbacks.filter((callback) => FLAG_OF[callback.event] === flag);

/**
 * The socket and the one event that a disable is about, if its outcome is documented: one event that fits the
 * socket, switched on without a doubt, not by static means, not a listener's inheritance (ambiguity A-8).
 */
export function clearDisable(
  record: EventControl,
  judge: Judge,
): { socket: Socket; flag: number } | undefined {
  const flag = eventsIn(record.event_mask);
  const socket = judge.world.socket(record.socket);
  if (!isDisable(record) || !socket || bitCount(flag) !== 1 || (socket.fittingEvents & flag) === 0)
    return undefined;
  if (socket.category === 'listen' && flag !== EVENT.accept) return undefined;
  const { origin, mustFire } = socket.switchOf(flag);
  return mustFire && origin !== 'static' && !socket.closeEnter ? { socket, flag } : undefined;
}
