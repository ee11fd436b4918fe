/**
 * How WSK calls the callbacks of connections and clients, and what they return: the parameters, returns and remarks
 * of each callback's page. Status: documented.
 * Choices: WskAcceptEvent has its own clauses under accept-event. cb/irql is decided by the rules here and there.
 */
import type { Rule } from '../../../lab/check/rule.ts';
import type { Callback } from '../../../lab/check/call.ts';
import {
  DISPATCH_LEVEL,
  STATUS_DATA_NOT_ACCEPTED,
  STATUS_PENDING,
  STATUS_SUCCESS,
  WSK_FLAG_AT_DISPATCH_LEVEL,
} from '../../../lab/check/wsk.ts';
import type { EventName, RecordOf } from '../../../lab/trace/records.ts';
import { permissionRule, recordRule } from '../record-rule.ts';
import { hex, RECEIVE_EVENT_FLAG, statusName } from '../wsk.ts';

type Flagged = RecordOf<'receive_event_enter' | 'disconnect_event_enter'>;

const atMostDispatch = ({ irql }: { irql: number }): true | string =>
  irql <= DISPATCH_LEVEL || `entered at IRQL ${irql}`;

const flagMeansDispatch = ({ irql, flags }: Flagged): true | string =>
  (flags & WSK_FLAG_AT_DISPATCH_LEVEL) === 0 || irql === DISPATCH_LEVEL
    ? atMostDispatch({ irql })
    : `entered at IRQL ${irql} with WSK_FLAG_AT_DISPATCH_LEVEL`;

const irqlRule = <Name extends EventName>(
  clause: string,
  on: Name,
  ask: (record: RecordOf<Name>) => true | string,
): Rule => recordRule({ clause, party: 'subsystem', on: [on], ask });

const irqls: Rule[] = [
  irqlRule('recv-event/irql', 'receive_event_enter', flagMeansDispatch),
  irqlRule('disc-event/irql', 'disconnect_event_enter', flagMeansDispatch),
  irqlRule('backlog/irql', 'backlog_event_enter', atMostDispatch),
  irqlRule('inspect/irql', 'inspect_event_enter', atMostDispatch),
  irqlRule('client/event-irql', 'client_event_enter', atMostDispatch),
  permissionRule(
    'recv-event/no-flag-any-irql',
    ['receive_event_enter'],
    ({ flags, irql }) => (flags & WSK_FLAG_AT_DISPATCH_LEVEL) === 0 && irql <= DISPATCH_LEVEL,
  ),
  permissionRule(
    'disc-event/no-flag-any-irql',
    ['disconnect_event_enter'],
    ({ flags, irql }) => (flags & WSK_FLAG_AT_DISPATCH_LEVEL) === 0 && irql <= DISPATCH_LEVEL,
  ),
];

const RECEIVE_FLAGS =
  RECEIVE_EVENT_FLAG.RELEASE_ASAP | RECEIVE_EVENT_FLAG.ENTIRE_MESSAGE | RECEIVE_EVENT_FLAG.AT_DISPATCH_LEVEL;
const RECEIVE_RETURNS: readonly number[] = [STATUS_SUCCESS, STATUS_PENDING, STATUS_DATA_NOT_ACCEPTED];

const receive: Rule[] = [
  recordRule({
    clause: 'recv-event/flags-domain',
    party: 'subsystem',
    on: ['receive_event_enter'],
    ask: ({ flags }) => (flags & ~RECEIVE_FLAGS) === 0 || `Flags is ${hex(flags)}`,
  }),
  recordRule({
    clause: 'recv-event/return-domain',
    party: 'driver',
    on: ['receive_event_return'],
    ask: ({ status }) => RECEIVE_RETURNS.includes(status) || `WskReceiveEvent returned ${statusName(status)}`,
  }),
  // Choices: *BytesAccepted need not be set when all is accepted, so a 0 tells nothing.
  recordRule({
    clause: 'recv-event/accepted-bound',
    party: 'driver',
    on: ['receive_event_return'],
    local: false,
    ask({ callback, status, bytes_accepted }, { world }) {
      const enter = world.callback(callback)?.enter;
      if (status !== STATUS_SUCCESS || enter?.event !== 'receive_event_enter') return undefined;
      return bytes_accepted <= enter.bytes || `${bytes_accepted} bytes accepted of ${enter.bytes} indicated`;
    },
  }),
  // Calls for one socket are made one after the other.
  recordRule({
    clause: 'recv-event/serial',
    party: 'subsystem',
    on: ['receive_event_enter'],
    local: false,
    ask({ socket }, { world }) {
      const open = world.socket(socket)?.callbacks.find(({ event }) => event === 'receive');
      return !open || `another WskReceiveEvent of the socket is in progress (record ${open.enter.position})`;
    },
  }),
  permissionRule('recv-event/close-inside', ['close_enter'], ({ tid, socket }, { world }) =>
    world
      .activities(tid)
      .some((it) => it.kind === 'callback' && it.event === 'receive' && it.socket?.id === socket),
  ),
];

/** A callback without a return record of its own, of one kind, returns STATUS_SUCCESS always. */
const alwaysSuccess = (clause: string, event: Callback['event'], name: string): Rule =>
  recordRule({
    clause,
    party: 'driver',
    on: ['callback_return'],
    local: false,
    ask({ callback, status }, { world }) {
      if (world.callback(callback)?.event !== event) return undefined;
      return status === STATUS_SUCCESS || `${name} returned ${statusName(status)}`;
    },
  });

export const rules: readonly Rule[] = [
  ...irqls,
  ...receive,
  alwaysSuccess('disc-event/return', 'disconnect', 'WskDisconnectEvent'),
  alwaysSuccess('backlog/return', 'backlog', 'WskSendBacklogEvent'),
];
