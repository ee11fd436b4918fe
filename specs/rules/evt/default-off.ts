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
import {
  callbackName,
  flagOfEnter,
  isEnable,
  SWITCHED_ENTERS,
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

/** Put to the test by every such socket that is enabled, closed or left without having been called before. */
const defaultOff: Rule = {
  clause: 'evt/default-off',
  party: 'subsystem',
  begin(judge) {
    const untouched = new Set<number>();
    const passed = (socket: number) => {
      if (untouched.delete(socket)) judge.held();
    };
    return {
      on: {
        ...onEnter(judge, (socket, flag) => {
          if (
            flag === EVENT.accept ||
            socket.obtained !== 'WskSocket' ||
            socket.category === 'basic' ||
            !isNeverOn(socket, flag)
          )
            return undefined;
          untouched.delete(socket.id);
          return `${callbackName(flag)} of a socket that never had it enabled`;
        }),
        socket_created(record) {
          if (record.parent === 0) untouched.add(record.socket);
        },
        control_socket_enter(record) {
          if (isEnable(record)) passed(record.socket);
        },
        close_enter: (record) => passed(record.socket),
      },
      finish: () => untouched.forEach(passed),
    };
  },
};

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

const listenerHas = (socket: Socket, flag: number) => socket.parent?.switchOf(flag).everOn === true;

/** Put to the test by every socket from WskAccept whose listener has connection events on. */
const noInheritViaAccept: Rule = {
  clause: 'evt/no-inherit-via-accept',
  party: 'subsystem',
  begin(judge) {
    const untouched = new Set<number>();
    const passed = (socket: number) => {
      if (untouched.delete(socket)) judge.held();
    };
    return {
      on: {
        ...onEnter(judge, (socket, flag) => {
          if (socket.obtained !== 'WskAccept' || !isNeverOn(socket, flag) || !listenerHas(socket, flag))
            return undefined;
          untouched.delete(socket.id);
          return `${callbackName(flag)} of a socket from WskAccept, enabled on its listener only (page conflict A-1)`;
        }),
        socket_created(record) {
          const listener = judge.world.socket(record.parent);
          if (
            listener &&
            listener.flagsWhere((it) => (it.flag & CONNECTION_EVENTS) !== 0 && it.mustFire) !== 0
          )
            untouched.add(record.socket);
        },
        close_enter: (record) => passed(record.socket),
      },
      finish: () => untouched.forEach(passed),
    };
  },
};

export const rules: readonly Rule[] = [defaultOff, onlyEnabledFire, noInheritViaAccept];
