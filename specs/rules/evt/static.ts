/**
 * WSK_SET_STATIC_EVENT_CALLBACKS: how and when it is called, and that it is for good.
 * network/wsk-set-static-event-callbacks. Status: documented.
 * Choices: whether static callbacks reach accepted sockets is open (ambiguity A-5), and connection events on a
 * listener are its inheritance: evt/static-no-toggle is about sockets from WskSocket and events of their own.
 */
import type { Rule } from '../../../lab/check/rule.ts';
import { EVENT, WSK_SET_STATIC_EVENT_CALLBACKS } from '../../../lab/check/wsk.ts';
import { eventsIn, isEventControl } from '../event-control.ts';
import { recordRule } from '../record-rule.ts';
import { EVENT_CALLBACK_CONTROL_BYTES, hex } from '../wsk.ts';

const SHAPE = [
  ['input_size', EVENT_CALLBACK_CONTROL_BYTES, 'InputSize'],
  ['output_size', 0, 'OutputSize'],
  ['output', 0n, 'OutputBuffer'],
  ['output_returned', 0n, 'OutputSizeReturned'],
  ['irp', 0n, 'Irp'],
] as const;

const staticShape = recordRule({
  clause: 'evt/static-shape',
  party: 'driver',
  on: ['control_client_enter'],
  ask(record) {
    if (record.code !== WSK_SET_STATIC_EVENT_CALLBACKS) return undefined;
    if (record.input === 0n) return 'WSK_SET_STATIC_EVENT_CALLBACKS without an InputBuffer';
    const wrong = SHAPE.filter(([field, value]) => record[field] !== value);
    if (wrong.length === 0) return true;
    const text = wrong.map(
      ([field, value, name]) => `${name} ${hex(record[field])} instead of ${hex(value)}`,
    );
    return `WSK_SET_STATIC_EVENT_CALLBACKS with ${text.join(', ')}`;
  },
});

const staticBeforeSockets: Rule = {
  clause: 'evt/static-before-sockets',
  party: 'driver',
  begin(judge) {
    const firstSocket = new Map<bigint, number>();
    return {
      on: {
        socket_enter: (record) => {
          if (!firstSocket.has(record.client)) firstSocket.set(record.client, record.position);
        },
        control_client_enter(record) {
          if (record.code !== WSK_SET_STATIC_EVENT_CALLBACKS) return;
          const before = firstSocket.get(record.client);
          if (before === undefined) judge.held();
          else judge.violated(record, `static callbacks were set after WskSocket (record ${before})`);
        },
      },
    };
  },
};

const staticNoToggle = recordRule({
  clause: 'evt/static-no-toggle',
  party: 'driver',
  on: ['control_socket_enter'],
  local: false,
  ask(record, { world }) {
    const socket = world.socket(record.socket);
    const statics = socket && world.registrationOf(socket.client)?.staticEvents;
    if (!isEventControl(record) || !statics || socket.obtained !== 'WskSocket') return undefined;
    const own = socket.category === 'listen' ? EVENT.accept : socket.fittingEvents;
    const toggled = eventsIn(record.event_mask) & statics & own;
    return toggled === 0 || `events ${hex(toggled)} are on by static enabling and are switched again`;
  },
});

export const rules: readonly Rule[] = [staticShape, staticBeforeSockets, staticNoToggle];
