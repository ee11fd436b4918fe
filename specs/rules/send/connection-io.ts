/**
 * Sending, receiving, disconnecting and asking for addresses: what has to come before, and what the results are.
 * ddi/wsk/nc-wsk-pfn_wsk_send, _receive, _disconnect, _get_local_address, _get_remote_address. Status: documented.
 *
 * Choices. Bound and connected from the moment the driver can know it. A graceful disconnect has taken effect when
 * its IRP has completed with success.
 */
import type { Judge, Rule } from '../../../lab/check/rule.ts';
import type { Socket } from '../../../lab/check/socket.ts';
import { functionName } from '../../../lab/check/call.ts';
import { succeeded, WSK_FLAG_ABORTIVE } from '../../../lab/check/wsk.ts';
import type { EventName, RecordOf } from '../../../lab/trace/records.ts';
import { FUNCTIONS, type FunctionName } from '../../../lab/trace/schema.ts';
import { permissionRule, recordRule } from '../record-rule.ts';
import { CLIENT_CONTROL, RECEIVE_FLAG, STATUS } from '../wsk.ts';

type SocketEnter = 'data_enter' | 'disconnect_enter' | 'address_enter' | 'other_enter';

/** A function that needs a socket in some state when it is called. */
const needsState = <Name extends SocketEnter>(
  clause: string,
  on: Name,
  functions: readonly FunctionName[] | undefined,
  ask: (socket: Socket) => true | string | undefined,
): Rule =>
  recordRule({
    clause,
    party: 'driver',
    on: [on],
    local: false,
    ask(record: RecordOf<Name>, { world }) {
      const { socket: id, event } = record as RecordOf<SocketEnter>;
      const fn = event === 'disconnect_enter' ? 'WskDisconnect' : functionName((record as { fn: number }).fn);
      const socket = world.socket(id);
      return socket && (functions === undefined || functions.includes(fn!)) ? ask(socket) : undefined;
    },
  });

const connected = (socket: Socket): true | string => socket.isConnected || 'the socket is not connected';
const bound = (socket: Socket): true | string => socket.isBound || 'the socket is not bound';

const before: Rule[] = [
  needsState('send/connected', 'data_enter', ['WskSend'], connected),
  needsState('recv/connected', 'data_enter', ['WskReceive'], connected),
  needsState('disc/connected', 'disconnect_enter', undefined, connected),
  needsState('addr/local-bound', 'address_enter', ['WskGetLocalAddress'], bound),
  needsState('addr/remote-connected', 'address_enter', ['WskGetRemoteAddress'], connected),
  needsState('bind/conn-required', 'other_enter', ['WskConnect', 'WskConnectEx'], (socket) =>
    socket.category === 'connection' ? bound(socket) : undefined,
  ),
  needsState('bind/dgram-required', 'other_enter', ['WskSendTo', 'WskReceiveFrom', 'WskSendMessages'], bound),
  recordRule({
    clause: 'sock/basic-no-bind-io',
    party: 'driver',
    on: [
      'bind_enter',
      'data_enter',
      'disconnect_enter',
      'accept_enter',
      'control_socket_enter',
      'close_enter',
    ],
    local: false,
    ask(record, { world }) {
      if (world.socket(record.socket)?.category !== 'basic') return undefined;
      const allowed = record.event === 'control_socket_enter' || record.event === 'close_enter';
      return allowed || 'a basic socket is bound or carries data';
    },
  }),
];

const isGraceful = (record: RecordOf<'irp_complete'>, { world }: Judge) => {
  const enter = world.call(record.call)?.enter;
  return (
    enter?.event === 'disconnect_enter' && (enter.flags & WSK_FLAG_ABORTIVE) === 0 && succeeded(record.status)
  );
};

/** Put to the test by every graceful disconnect that completes. */
const notAfterGraceful: Rule = {
  clause: 'send/not-after-graceful',
  party: 'driver',
  begin(judge) {
    const ended = new Map<number, RecordOf<'irp_complete'>>();
    return {
      on: {
        irp_complete(record) {
          if (!isGraceful(record, judge)) return;
          judge.held();
          // After the close every call is close/no-calls-after.
          if (!judge.world.socket(record.socket)?.closeEnter) ended.set(record.socket, record);
        },
        data_enter(record) {
          const since = ended.get(record.socket);
          if (record.fn === FUNCTIONS.WskSend && since)
            judge.violated([record, since], 'a send after the graceful disconnect had completed');
        },
        close_enter: (record) => void ended.delete(record.socket),
      },
    };
  },
};

const onCompletion = (
  clause: string,
  fn: number,
  ask: (record: RecordOf<'irp_complete'>, length: number) => true | string,
): Rule =>
  recordRule({
    clause,
    party: 'subsystem',
    on: ['irp_complete'],
    local: false,
    ask(record, { world }) {
      const enter = world.call(record.call)?.enter;
      if (record.fn !== fn || !succeeded(record.status) || enter?.event !== 'data_enter') return undefined;
      // Nothing is copied there, and no page says what Information is then.
      if (fn === FUNCTIONS.WskReceive && (enter.flags & RECEIVE_FLAG.DRAIN) !== 0) return undefined;
      return ask(record, enter.length);
    },
  });

const results: Rule[] = [
  onCompletion(
    'send/information',
    FUNCTIONS.WskSend,
    ({ information }, length) =>
      information === BigInt(length) || `Information is ${information} after a send of ${length} bytes`,
  ),
  onCompletion(
    'recv/information',
    FUNCTIONS.WskReceive,
    ({ information }, length) =>
      information <= BigInt(length) || `Information is ${information} for a buffer of ${length} bytes`,
  ),
  recordRule({
    clause: 'addr/unbound-status',
    party: 'subsystem',
    on: ['irp_complete'],
    local: false,
    ask(record, { world }) {
      const call = world.call(record.call);
      if (call?.enter.event !== 'address_enter' || call.fn !== 'WskGetLocalAddress') return undefined;
      const { socket } = call;
      if (!socket || socket.isBound || socket.pending.some(({ fn }) => fn === 'WskBind')) return undefined;
      return (
        record.status === STATUS.INVALID_DEVICE_STATE ||
        'the address of an unbound socket was not refused as such'
      );
    },
  }),
  recordRule({
    clause: 'addr/family-accepted',
    party: 'subsystem',
    on: ['address_result'],
    local: false,
    ask({ socket: id, value }, { world }) {
      const socket = world.socket(id);
      if (!socket?.parent || !value || socket.parent.family === 0) return undefined;
      return (
        value.family === socket.parent.family ||
        `an address of family ${value.family} on a socket of family ${socket.parent.family}`
      );
    },
  }),
  recordRule({
    clause: 'sock/information-socket',
    party: 'subsystem',
    on: ['irp_complete'],
    local: false,
    ask({ fn, status, information }) {
      if (fn !== FUNCTIONS.WskSocket || !succeeded(status)) return undefined;
      return information !== 0n || 'a successful WskSocket gave no socket';
    },
  }),
];

/** Put to the test by every basic socket that is closed. */
const basicSocketsAreSilent: Rule = {
  clause: 'sock/basic-no-events',
  party: 'subsystem',
  begin(judge) {
    const enter = (record: RecordOf<EventName> & { socket: number }) => {
      if (judge.world.socket(record.socket)?.category === 'basic')
        judge.violated(record, 'a callback of a basic socket');
    };
    return {
      on: {
        receive_event_enter: enter,
        disconnect_event_enter: enter,
        backlog_event_enter: enter,
        accept_event_enter: enter,
        close_enter(record) {
          if (judge.world.socket(record.socket)?.category === 'basic') judge.held();
        },
      },
    };
  },
};

/** Choices: sockets from WskAcceptEvent are accept-event/socket-memory-driver. */
const neverFreed: Rule = {
  clause: 'sock/never-freed-by-driver',
  party: 'driver',
  begin(judge) {
    const concerns = (socket: Socket | undefined) =>
      socket !== undefined && socket.obtained !== 'WskAcceptEvent' && !socket.isClosed;
    return {
      on: {
        socket_overwritten(record) {
          if (concerns(judge.world.socket(record.socket)))
            judge.violated(record, 'the driver wrote into a WSK_SOCKET');
        },
        pool_free(record) {
          const socket = judge.world.socketAt(record.address);
          if (concerns(socket)) judge.violated(record, 'the driver freed a WSK_SOCKET');
        },
        close_enter(record) {
          if (concerns(judge.world.socket(record.socket))) judge.held();
        },
      },
    };
  },
};

const permissions: Rule[] = [
  permissionRule(
    'send/after-peer-fin',
    ['data_enter'],
    ({ fn, socket: id }, { world, wire, world: { now } }) => {
      const origin = world.socket(id)?.origin;
      if (fn !== FUNCTIONS.WskSend || origin?.event !== 'accept_event_enter') return false;
      return wire.at(origin.remote, origin.local, now)?.clientFin !== undefined;
    },
  ),
  permissionRule(
    'disc/recover-by-abort',
    ['disconnect_enter'],
    ({ socket, flags }, { world }) =>
      (flags & WSK_FLAG_ABORTIVE) !== 0 &&
      world.socket(socket)?.pending.some(({ fn }) => fn === 'WskDisconnect') === true,
  ),
  permissionRule(
    'addr/remote-after-disconnect',
    ['address_enter'],
    ({ fn, socket: id }, { world, wire, world: { now } }) => {
      const origin = world.socket(id)?.origin;
      if (fn !== FUNCTIONS.WskGetRemoteAddress || origin?.event !== 'accept_event_enter') return false;
      return wire.at(origin.remote, origin.local, now)?.clientEnd !== undefined;
    },
  ),
  permissionRule(
    'client/list-query-size-probe',
    ['control_client_enter'],
    ({ code, output, output_size }) =>
      code === CLIENT_CONTROL.WSK_TRANSPORT_LIST_QUERY && output === 0n && output_size === 0,
  ),
];

export const rules: readonly Rule[] = [
  ...before,
  notAfterGraceful,
  ...results,
  basicSocketsAreSilent,
  neverFreed,
  ...permissions,
];
