/**
 * What network/so-wsk-event-callback and network/wsk-set-static-event-callbacks permit, or do not forbid: never
 * violated, only counted. Status: documented; evt/window-while-pending and evt/inherited-disable-on-accepted silent.
 */
import type { Rule } from '../../../lab/check/rule.ts';
import { CONNECTION_EVENTS, EVENT, WSK_SET_STATIC_EVENT_CALLBACKS } from '../../../lab/check/wsk.ts';
import {
  bitCount,
  eventsIn,
  flagOfEnter,
  flagsIn,
  FLAG_OF,
  isDisable,
  isEnable,
  SWITCHED_ENTERS,
} from '../event-control.ts';
import { permissionRule } from '../record-rule.ts';

/** One call enables several events of the category. */
const enableCombination = permissionRule(
  'evt/enable-combination',
  ['control_socket_enter'],
  (record, { world }) => {
    const events = eventsIn(record.event_mask);
    const fitting = world.socket(record.socket)?.fittingEvents ?? 0;
    return isEnable(record) && bitCount(events) > 1 && (events & ~fitting) === 0;
  },
);

const disableIrpOptional = permissionRule('evt/disable-irp-optional', ['control_socket_enter'], isDisable);

/** A callback that was disabled is enabled again. */
const reenable = permissionRule('evt/reenable', ['control_socket_enter'], (record, { world }) => {
  const socket = world.socket(record.socket);
  const wasDisabled = (flag: number) => {
    const it = socket?.switchOf(flag);
    return it?.state === 'fading' || it?.offSince !== undefined;
  };
  return isEnable(record) && flagsIn(record.event_mask).some(wasDisabled);
});

const inheritEnable = permissionRule(
  'evt/inherit-enable',
  ['control_socket_enter'],
  (record, { world }) =>
    isEnable(record) &&
    (record.event_mask & CONNECTION_EVENTS) !== 0 &&
    world.socket(record.socket)?.category === 'listen',
);

const inheritedDisableOnAccepted = permissionRule(
  'evt/inherited-disable-on-accepted',
  ['control_socket_enter'],
  (record, { world }) => {
    const socket = world.socket(record.socket);
    return (
      isDisable(record) &&
      socket !== undefined &&
      flagsIn(record.event_mask).some((flag) => socket.switchOf(flag).origin === 'inherited')
    );
  },
);

const MIXABLE = [EVENT.accept, CONNECTION_EVENTS, EVENT.receiveFrom];

/** A static mask names events of several categories. */
const staticMixedMask = permissionRule(
  'evt/static-mixed-mask',
  ['control_client_enter'],
  (record) =>
    record.code === WSK_SET_STATIC_EVENT_CALLBACKS &&
    MIXABLE.filter((category) => (record.event_mask & category) !== 0).length > 1,
);

/** A new call of a callback between the pending return of its disable and the effect. */
const windowWhilePending: Rule = {
  clause: 'evt/window-while-pending',
  party: 'permission',
  begin(judge) {
    const enter = (record: Parameters<typeof flagOfEnter>[0]) => {
      const socket = judge.world.socket(record.socket);
      const flag = flagOfEnter(record);
      const returned = socket?.pending.some(
        (call) =>
          !call.isExecuting &&
          call.enter.event === 'control_socket_enter' &&
          isDisable(call.enter) &&
          (call.enter.event_mask & flag) !== 0,
      );
      if (returned || socket?.switchOf(flag).state === 'fading') judge.held();
    };
    return { on: Object.fromEntries(SWITCHED_ENTERS.map((name) => [name, enter])) };
  },
};

/** A call of the callback begins or ends while the disable is being executed: then either result is right. */
const disableRaceResult: Rule = {
  clause: 'evt/disable-race-result',
  party: 'permission',
  begin(judge) {
    const raced = new Set<number>();
    const note = (socketId: number, flag: number) => {
      for (const call of judge.world.socket(socketId)?.executing ?? []) {
        const { enter, number } = call;
        if (enter.event !== 'control_socket_enter' || !isDisable(enter)) continue;
        if ((enter.event_mask & flag) === 0 || raced.has(number)) continue;
        raced.add(number);
        judge.held();
      }
    };
    const enter = (record: Parameters<typeof flagOfEnter>[0]) => note(record.socket, flagOfEnter(record));
    const leave = (record: { callback: number; socket: number }) => {
      const callback = judge.world.callback(record.callback);
      if (callback) note(record.socket, FLAG_OF[callback.event]);
    };
    return {
      on: {
        ...Object.fromEntries(SWITCHED_ENTERS.map((name) => [name, enter])),
        accept_event_return: leave,
        receive_event_return: leave,
        callback_return: leave,
        call_return: (record) => void raced.delete(record.call),
      },
    };
  },
};

export const rules: readonly Rule[] = [
  enableCombination,
  disableIrpOptional,
  disableRaceResult,
  reenable,
  inheritEnable,
  inheritedDisableOnAccepted,
  staticMixedMask,
  windowWhilePending,
];
