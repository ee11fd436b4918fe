/**
 * How SO_WSK_EVENT_CALLBACK is called: network/so-wsk-event-callback, ddi/wsk/ns-wsk-_wsk_event_callback_control.
 * Status: documented.
 */
import type { Rule } from '../../../lab/check/rule.ts';
import { EVENT, EVENT_DISABLE, SOL_SOCKET } from '../../../lab/check/wsk.ts';
import { bitCount, eventsIn, isDisable, isEnable, isEventControl, KNOWN_EVENTS } from '../event-control.ts';
import { recordRule } from '../record-rule.ts';
import { EVENT_CALLBACK_CONTROL_BYTES, hex, REQUEST } from '../wsk.ts';

const SHAPE = [
  ['request', REQUEST.SetOption, 'RequestType'],
  ['level', SOL_SOCKET, 'Level'],
  ['input_size', EVENT_CALLBACK_CONTROL_BYTES, 'InputSize'],
  ['output_size', 0, 'OutputSize'],
  ['output', 0n, 'OutputBuffer'],
  ['output_returned', 0n, 'OutputSizeReturned'],
] as const;

/** WskSetOption, SOL_SOCKET, a WSK_EVENT_CALLBACK_CONTROL as input and nothing as output. */
const callShape = recordRule({
  clause: 'evt/call-shape',
  party: 'driver',
  on: ['control_socket_enter'],
  ask(record) {
    if (!isEventControl(record)) return undefined;
    if (record.input === 0n) return 'SO_WSK_EVENT_CALLBACK without an InputBuffer';
    const wrong = SHAPE.filter(([field, value]) => record[field] !== value);
    if (wrong.length === 0) return true;
    const text = wrong.map(
      ([field, value, name]) => `${name} ${hex(record[field])} instead of ${hex(value)}`,
    );
    return `SO_WSK_EVENT_CALLBACK with ${text.join(', ')}`;
  },
});

/** A callback is disabled alone: exactly one event flag together with WSK_EVENT_DISABLE. */
const disableOne = recordRule({
  clause: 'evt/disable-one',
  party: 'driver',
  on: ['control_socket_enter'],
  ask(record) {
    if (!isDisable(record)) return undefined;
    const count = bitCount(eventsIn(record.event_mask));
    return count === 1 || `a disable of ${count} events at once (mask ${hex(record.event_mask)})`;
  },
});

/** Enabling takes effect in the call: Irp is NULL. */
const enableNoIrp = recordRule({
  clause: 'evt/enable-no-irp',
  party: 'driver',
  on: ['control_socket_enter'],
  ask: (record) =>
    isEnable(record) ? record.irp === 0n || `an enable with an IRP (${hex(record.irp)})` : undefined,
});

/**
 * WskInspectEvent and WskAbortEvent have no event flag; conditional accept switches them.
 * Choices: any bit that wsk.h does not define counts as an attempt at them.
 */
const inspectAbortExcluded = recordRule({
  clause: 'evt/inspect-abort-excluded',
  party: 'driver',
  on: ['control_socket_enter'],
  ask(record) {
    if (!isEventControl(record)) return undefined;
    const unknown = (record.event_mask & ~(KNOWN_EVENTS | EVENT_DISABLE)) >>> 0;
    return unknown === 0 || `EventMask has bits that are no event: ${hex(unknown)}`;
  },
});

/**
 * The events fit the category of the socket.
 * Choices: connection events are accepted on listeners (ambiguity A-2); stream sockets are silent; basic
 * sockets have evt/applies-to.
 */
const maskCategory = recordRule({
  clause: 'evt/mask-category',
  party: 'driver',
  on: ['control_socket_enter'],
  ask(record, { world }) {
    const socket = world.socket(record.socket);
    if (!isEventControl(record) || !socket?.category || ['stream', 'basic'].includes(socket.category))
      return undefined;
    const wrong = (record.event_mask & KNOWN_EVENTS & ~socket.fittingEvents) >>> 0;
    return wrong === 0 || `events ${hex(wrong)} on a socket of category ${socket.category}`;
  },
});

/**
 * Connection events on a listener are for inheritance and cannot be taken back there.
 * Choices: a disable of several events at once is evt/disable-one.
 */
const inheritNoDisable = recordRule({
  clause: 'evt/inherit-no-disable',
  party: 'driver',
  on: ['control_socket_enter'],
  ask(record, { world }) {
    const socket = world.socket(record.socket);
    if (!isDisable(record) || socket?.category !== 'listen' || bitCount(eventsIn(record.event_mask)) !== 1)
      return undefined;
    const flags = (record.event_mask & KNOWN_EVENTS & socket.fittingEvents & ~EVENT.accept) >>> 0;
    return flags === 0 || `a disable of connection events ${hex(flags)} on a listening socket`;
  },
});

export const rules: readonly Rule[] = [
  callShape,
  disableOne,
  enableNoIrp,
  inspectAbortExcluded,
  maskCategory,
  inheritNoDisable,
];
