/**
 * WskAccept: ddi/wsk/nc-wsk-pfn_wsk_accept. Status: documented; accept/must-close and
 * accept/information-only-on-success derived.
 */
import type { Rule } from '../../../lab/check/rule.ts';
import type { Socket } from '../../../lab/check/socket.ts';
import type { Endpoint, Packet } from '../../../lab/check/evidence.ts';
import { endpointText } from '../../../lab/check/wire.ts';
import { CONNECTION_EVENTS, succeeded } from '../../../lab/check/wsk.ts';
import type { RecordOf } from '../../../lab/trace/records.ts';
import { FUNCTIONS } from '../../../lab/trace/schema.ts';
import { callbackName, flagOfEnter, flagsIn, SWITCHED_ENTERS, type SwitchedEnter } from '../event-control.ts';
import { recordRule } from '../record-rule.ts';
import { mustClose } from '../must-close.ts';
import { hex, STATUS, statusName } from '../wsk.ts';

/** Choices: bound from the moment the driver can know it; on stream sockets the page asks for no more. */
const boundFirst = recordRule({
  clause: 'accept/bound-first',
  party: 'driver',
  on: ['accept_enter'],
  local: false,
  ask({ socket: id }, { world }) {
    const socket = world.socket(id);
    return socket && (socket.isBound || 'WskAccept on a socket that is not yet bound');
  },
});

/** Choices: a connection table is known by not being the table of a listening socket of the same trace. */
const socketConnectionTable: Rule = {
  clause: 'accept/socket-connection-table',
  party: 'subsystem',
  begin(judge) {
    const listenTables = new Set<bigint>();
    return {
      on: {
        socket_created(record) {
          const call = judge.world.call(record.call);
          if (call?.enter.event === 'socket_enter' && call.enter.flags === 1)
            listenTables.add(record.provider_table);
          if (record.fn !== FUNCTIONS.WskAccept) return;
          if (record.provider_table === 0n)
            judge.violated(record, 'the accepted socket has no provider table');
          else if (listenTables.has(record.provider_table))
            judge.violated(
              record,
              `the accepted socket has the table of a listening socket (${hex(record.provider_table)})`,
            );
          else judge.held();
        },
      },
    };
  },
};

const CONNECTED_ONLY: readonly number[] = [
  FUNCTIONS.WskGetLocalAddress,
  FUNCTIONS.WskGetRemoteAddress,
  FUNCTIONS.WskSend,
  FUNCTIONS.WskReceive,
  FUNCTIONS.WskDisconnect,
];

/** Choices: judged until the wire shows an end of the connection, or the driver has disconnected it. */
const socketConnected: Rule = {
  clause: 'accept/socket-connected',
  party: 'subsystem',
  begin(judge) {
    const disconnected = new Set<number>();
    const peers = new Map<number, RecordOf<'accept_addresses'>>();
    return {
      on: {
        accept_addresses(record) {
          const created = judge.world.call(record.call)?.created;
          if (created) peers.set(created.id, record);
        },
        disconnect_enter: (record) => void disconnected.add(record.socket),
        close_enter(record) {
          disconnected.delete(record.socket);
          peers.delete(record.socket);
        },
        irp_complete(record) {
          const socket = judge.world.call(record.call)?.socket;
          if (socket?.obtained !== 'WskAccept' || !CONNECTED_ONLY.includes(record.fn)) return;
          if (succeeded(record.status)) return judge.held();
          const peer = peers.get(socket.id);
          const connection = peer && judge.wire.at(peer.remote, peer.local, judge.world.now);
          if (
            record.status !== STATUS.INVALID_DEVICE_STATE ||
            disconnected.has(socket.id) ||
            socket.closeEnter
          )
            return;
          if (connection && !connection.clientEnd)
            judge.violated(record, 'an accepted socket was not connected: STATUS_INVALID_DEVICE_STATE');
        },
      },
    };
  },
};

/** Choices: events that the listener has on are evt/no-inherit-via-accept; static ones are open. */
const callbacksOff: Rule = {
  clause: 'accept/callbacks-off',
  party: 'subsystem',
  begin(judge) {
    const untouched = new Set<number>();
    const passed = (socket: number) => {
      if (untouched.delete(socket)) judge.held();
    };
    const enter = (record: SwitchedEnter) => {
      const socket = judge.world.socket(record.socket);
      const flag = flagOfEnter(record);
      if (socket?.obtained !== 'WskAccept' || (flag & CONNECTION_EVENTS) === 0) return;
      const it = socket.switchOf(flag);
      if (it.everOn || it.mayFire || socket.parent?.switchOf(flag).everOn) return;
      untouched.delete(socket.id);
      judge.violated(record, `${callbackName(flag)} of a socket from WskAccept that nobody had enabled`);
    };
    return {
      on: {
        ...Object.fromEntries(SWITCHED_ENTERS.map((name) => [name, enter])),
        socket_created(record) {
          if (record.fn === FUNCTIONS.WskAccept) untouched.add(record.socket);
        },
        control_socket_enter: (record) => passed(record.socket),
        close_enter: (record) => passed(record.socket),
      },
      finish: () => [...untouched].forEach(passed),
    };
  },
};

const SYNS_REMEMBERED = 65536;

/** An address that WskAccept was asked for is the one on the wire. */
const addressValues: Rule = {
  clause: 'accept/address-values',
  party: 'subsystem',
  needs: ['wire'],
  begin(judge) {
    // A connection may be accepted long after it is over: more than the wire model remembers.
    const seen = new Map<string, Packet>();
    let hasForgotten = false;
    const tuple = (remote: Endpoint, local: Endpoint) => `${endpointText(remote)} to ${endpointText(local)}`;
    return {
      on: {
        packet(packet) {
          if (!packet.syn || packet.ack) return;
          seen.set(tuple(packet.source, packet.destination), packet);
          if (seen.size <= SYNS_REMEMBERED) return;
          hasForgotten = true;
          for (const oldest of seen.keys()) {
            seen.delete(oldest);
            break;
          }
        },
        accept_addresses(record) {
          const { local, remote } = record;
          if (!local || !remote) return;
          judge.after(judge.bounds.clockErrorNs, () => {
            const known = tuple(remote, local);
            if (seen.has(known) || judge.wire.between(remote, local).length > 0) judge.held();
            else if (!hasForgotten && seen.size > 0)
              judge.violated(record, `no connection from ${known} is on the wire`);
          });
        },
      },
    };
  },
};

const accepted = mustClose('accept/must-close', ({ obtained }) => obtained === 'WskAccept');

/** Queued WskAccept requests end when the listener is closed. */
const closeCompletesPending: Rule = {
  clause: 'accept/close-completes-pending',
  party: 'subsystem',
  begin: (judge) => ({
    on: {
      close_enter(record) {
        const socket = judge.world.socket(record.socket);
        const queued = socket?.pending.filter(({ fn }) => fn === 'WskAccept') ?? [];
        if (queued.length === 0) return;
        judge.after(judge.bounds.soonNs, (reached) => {
          const still = queued.filter((call) => call.isPending);
          if (still.length === 0) return judge.held();
          if (!reached)
            return judge.undecided('the trace ended too soon after a close with queued WskAccepts');
          judge.violated(
            [record, ...still.map(({ enter }) => enter)],
            `${still.length} queued WskAccepts were not completed within ${judge.bounds.soonNs / 1e6} ms (lab bound) of the close`,
          );
        });
      },
    },
  }),
};

/** A failed request has no socket in Information, whatever is there. */
const informationOnlyOnSuccess = (clause: string, fn: number): Rule => ({
  clause,
  party: 'driver',
  begin(judge) {
    const wrong = new Map<bigint, RecordOf<'irp_complete'>>();
    const use = (
      record: { pointer: bigint } & RecordOf<
        'close_enter' | 'data_enter' | 'address_enter' | 'disconnect_enter' | 'control_socket_enter'
      >,
    ) => {
      const failed = record.socket === 0 ? wrong.get(record.pointer) : undefined;
      if (failed)
        judge.violated(
          [record, failed],
          `Information of a request that failed with ${statusName(failed.status)} is used as a socket`,
        );
    };
    return {
      on: {
        irp_complete(record) {
          if (record.fn !== fn || succeeded(record.status)) return;
          if (record.information !== 0n) wrong.set(record.information, record);
          judge.held();
        },
        socket_created: (record) => void wrong.delete(record.pointer),
        close_enter: use,
        data_enter: use,
        address_enter: use,
        disconnect_enter: use,
        control_socket_enter: use,
      },
    };
  },
});

/** Choices: contexts that are not in pool blocks of the trace are not judged. */
const contextNonpaged = recordRule({
  clause: 'accept/context-nonpaged',
  party: 'driver',
  on: ['accept_enter'],
  local: false,
  ask({ context }, { world }) {
    const block = context === 0n ? undefined : world.pool.holding(context);
    return block && (!block.paged || `AcceptSocketContext ${hex(context)} is in paged pool`);
  },
});

/**
 * Without callbacks AcceptSocketContext and AcceptSocketDispatch are NULL, and slots of callbacks that are never
 * enabled are NULL.
 * Choices: a socket may be closed before the driver came to enable anything, so all sockets of a listener with the same
 * table are taken together, and judged at the end.
 */
const nullWhenUnused: Rule = {
  clause: 'accept/null-when-unused',
  party: 'driver',
  begin(judge) {
    const supplied = new Map<string, { first: Socket; everOn: number }>();
    return {
      on: {
        close_enter(record) {
          const socket = judge.world.socket(record.socket);
          if (socket?.obtained !== 'WskAccept' || !socket.dispatch || socket.closeEnter) return;
          const hasAny = socket.dispatch.table !== 0n || socket.context !== 0n;
          const key = `${socket.parent?.id} ${socket.dispatch.table} ${hasAny}`;
          const known = supplied.get(key) ?? { first: socket, everOn: 0 };
          known.everOn |= socket.flagsWhere((it) => it.everOn);
          supplied.set(key, known);
        },
      },
      finish() {
        for (const { first, everOn } of supplied.values()) {
          const unused = flagsIn(CONNECTION_EVENTS & ~everOn);
          const filled = unused.filter((flag) => (first.slotFor(flag) ?? 0n) !== 0n);
          if (everOn === 0 && (first.context || first.dispatch?.table))
            judge.violated(first.origin, 'context or dispatch table given, and no callback was ever enabled');
          else if (filled.length > 0)
            judge.violated(
              first.origin,
              `slots given and never enabled: ${filled.map(callbackName).join(', ')}`,
            );
          else judge.held();
        }
      },
    };
  },
};

export const rules: readonly Rule[] = [
  boundFirst,
  socketConnectionTable,
  socketConnected,
  callbacksOff,
  addressValues,
  accepted,
  closeCompletesPending,
  informationOnlyOnSuccess('accept/information-only-on-success', FUNCTIONS.WskAccept),
  informationOnlyOnSuccess('sock/information-only-on-success', FUNCTIONS.WskSocket),
  contextNonpaged,
  nullWhenUnused,
];
