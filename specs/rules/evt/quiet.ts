/**
 * A disabled callback stays away until it is enabled again. network/so-wsk-event-callback,
 * ddi/wsk/nc-wsk-pfn_wsk_accept_event (remarks). Status: documented.
 *
 * Choices. The disable took effect when the function returned STATUS_SUCCESS or its IRP completed with success. A
 * WskAcceptEvent after that is named by accept-event/only-disable-stops-it. STATUS_EVENT_PENDING gives no moment:
 * there a call counts as late when it comes more than `settleNs` after the last call in progress had returned.
 */
import type { Judge, Rule } from '../../../lab/check/rule.ts';
import type { EventSwitch } from '../../../lab/check/event-switch.ts';
import { EVENT } from '../../../lab/check/wsk.ts';
import {
  callbackName,
  flagOfEnter,
  flagsIn,
  isEnable,
  SWITCHED_ENTERS,
  type SwitchedEnter,
} from '../event-control.ts';

/** A span of quiet that begins with a disable and ends with an enable, the close, or the trace. */
function quietRule(
  clause: string,
  isQuiet: (it: EventSwitch) => boolean,
  lateCall: (record: SwitchedEnter, it: EventSwitch, judge: Judge) => string | undefined,
): Rule {
  return {
    clause,
    party: 'subsystem',
    begin(judge) {
      const broken = new Set<EventSwitch>();
      const disabled = new Set<EventSwitch>();
      const ended = (it: EventSwitch) => {
        disabled.delete(it);
        if (!broken.delete(it) && isQuiet(it)) judge.held();
      };
      const enter = (record: SwitchedEnter) => {
        const it = judge.world.socket(record.socket)?.switchOf(flagOfEnter(record));
        if (!it || broken.has(it)) return;
        const sentence = lateCall(record, it, judge);
        if (sentence === undefined) return;
        broken.add(it);
        judge.violated(record, sentence);
      };
      return {
        on: {
          ...Object.fromEntries(SWITCHED_ENTERS.map((name) => [name, enter])),
          control_socket_enter(record) {
            const socket = judge.world.socket(record.socket);
            const switches = flagsIn(record.event_mask).flatMap((flag) => socket?.switchOf(flag) ?? []);
            if (isEnable(record)) switches.filter((it) => disabled.has(it)).forEach(ended);
            else switches.forEach((it) => disabled.add(it));
          },
          close_enter(record) {
            const socket = judge.world.socket(record.socket);
            if (!socket || disabled.size === 0) return;
            const left = flagsIn(socket.flagsWhere((it) => disabled.has(it)));
            for (const flag of left) ended(socket.switchOf(flag));
          },
        },
        finish: () => disabled.forEach(ended),
      };
    },
  };
}

const afterSuccess = quietRule(
  'evt/quiet-after-success',
  (it) => it.state === 'off' && it.offSince !== undefined,
  (_record, it) =>
    it.mayFire || it.offSince === undefined || it.flag === EVENT.accept
      ? undefined
      : `${callbackName(it.flag)} was called after its disable had taken effect`,
);

const afterEventPending = quietRule(
  'evt/quiet-after-event-pending',
  (it) => it.state === 'fading',
  (record, it, judge) =>
    it.state !== 'fading' ||
    it.enabling > 0 ||
    it.idleSince === undefined ||
    judge.awakeNs(it.idleSince, record.time) <= judge.bounds.settleNs
      ? undefined
      : `${callbackName(it.flag)} was called ${Math.round((record.time - it.idleSince) / 1e6)} ms after the last call in progress had returned (lab bound ${judge.bounds.settleNs / 1e6} ms)`,
);

export const rules: readonly Rule[] = [afterSuccess, afterEventPending];
