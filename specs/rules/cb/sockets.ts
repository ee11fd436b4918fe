/**
 * What the driver supplies for the callbacks of a socket, and what comes back: the parameters of WskSocket and
 * WskAccept, ddi/wsk/ns-wsk-_wsk_client_*_dispatch. Status: documented; cb/enabled-slot-nonnull and
 * cb/dispatch-constant derived.
 *
 * Choices. Sockets from WskAcceptEvent have their own clauses under accept-event; those from WskAccept have
 * accept/context-propagated, accept/context-nonpaged and accept/null-when-unused, and share the rest. Contexts
 * outside the pool blocks of the trace are not judged. Connection events on a listener use the tables of the accepted
 * sockets. What a driver will not enable is known when it closes the socket.
 */
import type { Rule } from '../../../lab/check/rule.ts';
import type { Socket } from '../../../lab/check/socket.ts';
import { DISPATCH_LEVEL } from '../../../lab/check/wsk.ts';
import {
  callbackName,
  eventsIn,
  flagsIn,
  isEnable,
  SWITCHED_ENTERS,
  type SwitchedEnter,
} from '../event-control.ts';
import { permissionRule, recordRule } from '../record-rule.ts';
import { hex } from '../wsk.ts';

const contextRule = (clause: string, concerns: (socket: Socket) => boolean): Rule =>
  recordRule({
    clause,
    party: 'subsystem',
    on: SWITCHED_ENTERS,
    local: false,
    ask(record: SwitchedEnter, { world }) {
      const socket = world.socket(record.socket);
      if (
        !socket ||
        !concerns(socket) ||
        socket.context === undefined ||
        record.event === 'accept_event_enter'
      )
        return undefined;
      return (
        record.context === socket.context ||
        `SocketContext is ${hex(record.context)}, the driver supplied ${hex(socket.context)}`
      );
    },
  });

const contextNonpaged = recordRule({
  clause: 'cb/context-nonpaged',
  party: 'driver',
  on: ['socket_enter'],
  local: false,
  ask({ context }, { world }) {
    const block = context === 0n ? undefined : world.pool.holding(context);
    return block && (!block.paged || `SocketContext ${hex(context)} is in paged pool`);
  },
});

/** Judged once per socket from WskSocket that has events at all, when its use is over. */
const whenUsed = (
  clause: string,
  ask: (socket: Socket, unused: number[]) => true | string | undefined,
): Rule => ({
  clause,
  party: 'driver',
  begin(judge) {
    const decide = (socket: Socket | undefined) => {
      if (socket?.obtained !== 'WskSocket' || socket.category === 'basic' || !socket.dispatch) return;
      const answer = ask(socket, flagsIn(socket.fittingEvents & ~socket.flagsWhere((it) => it.everOn)));
      if (answer === true) judge.held();
      else if (answer !== undefined) judge.violated(socket.origin, answer);
    };
    return {
      on: {
        close_enter(record) {
          const socket = judge.world.socket(record.socket);
          if (!socket?.closeEnter) decide(socket);
        },
      },
    };
  },
});

const isUnused = (socket: Socket, unused: number[]) => unused.length === flagsIn(socket.fittingEvents).length;

const contextNullIfNone = whenUsed('cb/context-null-if-none', (socket, unused) => {
  if (!isUnused(socket, unused) || socket.category === 'stream') return undefined;
  return (
    (socket.context === 0n && socket.dispatch?.table === 0n) ||
    'context or dispatch table given, and no callback was ever enabled on the socket'
  );
});

/** Choices: WskInspectEvent and WskAbortEvent belong to conditional accept and are not judged. */
const dispatchNullSlots = whenUsed('cb/dispatch-null-slots', (socket, unused) => {
  if (isUnused(socket, unused) || socket.category === 'stream') return undefined;
  const filled = unused.filter((flag) => (socket.slotFor(flag) ?? 0n) !== 0n);
  return filled.length === 0 || `slots given and never enabled: ${filled.map(callbackName).join(', ')}`;
});

const enabledSlotNonnull = recordRule({
  clause: 'cb/enabled-slot-nonnull',
  party: 'driver',
  on: ['control_socket_enter'],
  local: false,
  ask(record, { world }) {
    const socket = world.socket(record.socket);
    if (!isEnable(record) || !socket || socket.obtained === 'WskAcceptEvent') return undefined;
    const slots = flagsIn(eventsIn(record.event_mask)).map((flag) => ({ flag, slot: socket.slotFor(flag) }));
    const empty = slots.filter(({ slot }) => slot === 0n);
    if (empty.length > 0)
      return `enabled without a function: ${empty.map(({ flag }) => callbackName(flag)).join(', ')}`;
    return slots.some(({ slot }) => slot !== undefined) ? true : undefined;
  },
});

const dispatchConstant: Rule = {
  clause: 'cb/dispatch-constant',
  party: 'driver',
  begin(judge) {
    const concerns = (socket: Socket | undefined) =>
      socket !== undefined && socket.obtained !== 'WskAcceptEvent';
    return {
      on: {
        table_changed(record) {
          if (concerns(judge.world.socket(record.socket)))
            judge.violated(
              record,
              'the client dispatch table of the socket has changed since it was handed over',
            );
        },
        close_enter(record) {
          const socket = judge.world.socket(record.socket);
          if (concerns(socket) && socket?.dispatch?.table) judge.held();
        },
      },
    };
  },
};

/** Choices: the documents give no number; the lab bound is `dispatchNs`. WskAcceptEvent has accept-event/short-at-dispatch. */
const shortAtDispatch = recordRule({
  clause: 'cb/short-at-dispatch',
  party: 'driver',
  on: ['receive_event_return', 'callback_return'],
  local: false,
  ask({ callback: number, time }, judge) {
    const { world, bounds } = judge;
    const enter = world.callback(number)?.enter;
    if (enter?.irql !== DISPATCH_LEVEL) return undefined;
    const spent = time - enter.time;
    // A guest that did not run meanwhile is not the driver's doing.
    if (spent > bounds.dispatchNs && judge.awakeNs(enter.time, time) <= bounds.dispatchNs) return undefined;
    return (
      spent <= bounds.dispatchNs ||
      `${Math.round(spent / 1e6)} ms at DISPATCH_LEVEL (lab bound ${bounds.dispatchNs / 1e6} ms)`
    );
  },
});

const inCallback = ({ tid }: { tid: number }, { world }: Parameters<Rule['begin']>[0]) =>
  world.activities(tid).some((it) => it.kind === 'callback' && it.event !== 'accept');

const permissions: Rule[] = [
  permissionRule(
    'cb/may-initiate',
    ['socket_enter', 'accept_enter', 'address_enter', 'data_enter', 'disconnect_enter', 'close_enter'],
    inCallback,
  ),
  permissionRule('cb/dispatch-optional', ['socket_enter', 'accept_enter'], ({ table }) => table === 0n),
  permissionRule('cb/arbitrary-thread', SWITCHED_ENTERS, () => true),
];

export const rules: readonly Rule[] = [
  contextRule(
    'cb/context-identity',
    ({ obtained }) => obtained === 'WskSocket' || obtained === 'WskSocketConnect',
  ),
  contextRule('accept/context-propagated', ({ obtained }) => obtained === 'WskAccept'),
  contextNonpaged,
  contextNullIfNone,
  dispatchNullSlots,
  enabledSlotNonnull,
  dispatchConstant,
  shortAtDispatch,
  ...permissions,
];
