/**
 * Callbacks are off until somebody enables them: by the option, by static enabling or by inheritance.
 * ddi/wsk/nc-wsk-pfn_wsk_socket, _accept, _accept_event (remarks), network/so-wsk-event-callback. Status: documented.
 *
 * Choices. So that one mistake of WSK has one name: a WskAcceptEvent without enable is accept-event/only-when-enabled
 * and a callback of a socket from WskAcceptEvent accept-event/accepted-callbacks-off; a socket from WskAccept has
 * accept/callbacks-off, or evt/no-inherit-via-accept if its listener has the event on (ambiguity A-1: there the
 * WskAcceptEvent page and the SO_WSK_EVENT_CALLBACK page disagree). evt/default-off is about the rest, as long as
 * nobody ever tried to enable; evt/only-enabled-fire about an enable that failed; basic sockets are sock/basic-no-events; evt/quiet-after-success about a
 * disable.
 */
import type { Judge, Rule } from '../../../lab/check/rule.ts';
import type { Socket } from '../../../lab/check/socket.ts';
import { CONNECTION_EVENTS, EVENT } from '../../../lab/check/wsk.ts';
import type { RecordOf } from '../../../lab/trace/records.ts';
import {
  callbackName,
  flagOfEnter,
  isEnable,
  SWITCHED_ENTERS,
  type EventControl,
  type SwitchedEnter,
} from '../event-control.ts';

type Question = (socket: Socket, flag: number, judge: Judge) => true | string | undefined;

const onEnter = (judge: Judge, ask: Question) => {
  const enter = (record: SwitchedEnter) => {
    const socket = judge.world.socket(record.socket);
    const answer = socket && ask(socket, flagOfEnter(record), judge);
    if (answer === true) judge.held();
    else if (answer !== undefined) judge.violated(record, answer);
  };
  return Object.fromEntries(SWITCHED_ENTERS.map((name) => [name, enter]));
};

const isNeverOn = (socket: Socket, flag: number) => {
  const it = socket.switchOf(flag);
  return !it.everOn && !it.mayFire;
};

/**
 * Put to the test by every socket that begins concerned and is closed or left without having been called; `breaks`
 * gives the sentence for a callback that should not have come.
 */
const untouchedRule = (
  clause: string,
  begins: (record: RecordOf<'socket_created'>, judge: Judge) => boolean,
  breaks: (socket: Socket, flag: number) => string | undefined,
  isOver: (record: EventControl) => boolean = () => false,
): Rule => ({
  clause,
  party: 'subsystem',
  begin(judge) {
    const untouched = new Set<number>();
    const passed = (socket: number) => {
      if (untouched.delete(socket)) judge.held();
    };
    return {
      on: {
        ...onEnter(judge, (socket, flag) => {
          const sentence = breaks(socket, flag);
          if (sentence !== undefined) untouched.delete(socket.id);
          return sentence;
        }),
        socket_created(record) {
          if (begins(record, judge)) untouched.add(record.socket);
        },
        control_socket_enter(record) {
          if (isOver(record)) passed(record.socket);
        },
        close_enter: (record) => passed(record.socket),
      },
      finish: () => untouched.forEach(passed),
    };
  },
});

const defaultOff = untouchedRule(
  'evt/default-off',
  (record) => record.parent === 0,
  (socket, flag) =>
    flag !== EVENT.accept &&
    socket.obtained === 'WskSocket' &&
    socket.category !== 'basic' &&
    isNeverOn(socket, flag)
      ? `${callbackName(flag)} of a socket that never had it enabled`
      : undefined,
  isEnable,
);

const onlyEnabledFire: Rule = {
  clause: 'evt/only-enabled-fire',
  party: 'subsystem',
  begin: (judge) => ({
    on: onEnter(judge, (socket, flag) => {
      const it = socket.switchOf(flag);
      if (it.mayFire) return true;
      if (flag === EVENT.accept || !it.attempted || it.offSince !== undefined) return undefined;
      return `${callbackName(flag)} was called though its enable had failed`;
    }),
  }),
};

const noInheritViaAccept = untouchedRule(
  'evt/no-inherit-via-accept',
  (record, judge) => {
    const listener = judge.world.socket(record.parent);
    return (listener?.flagsWhere((it) => (it.flag & CONNECTION_EVENTS) !== 0 && it.mustFire) ?? 0) !== 0;
  },
  (socket, flag) =>
    socket.obtained === 'WskAccept' &&
    isNeverOn(socket, flag) &&
    socket.parent?.switchOf(flag).everOn === true
      ? `${callbackName(flag)} of a socket from WskAccept, enabled on its listener only (page conflict A-1)`
      : undefined,
);

export const rules: readonly Rule[] = [defaultOff, onlyEnabledFire, noInheritViaAccept];
