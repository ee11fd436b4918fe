/**
 * Connection events that are on at the listener are on from the start at every socket accepted by WskAcceptEvent,
 * also after WSK_EVENT_ACCEPT was disabled and enabled again. network/so-wsk-event-callback,
 * ddi/wsk/nc-wsk-pfn_wsk_accept_event (remarks). Status: documented.
 *
 * Choices. Put to the test by the first data of a client: it has to lead to WskReceiveEvent when nothing else takes
 * it, within `soonNs`. A reset connection owes nothing. The first accept after the accept event had been off counts
 * for evt/inherit-sticky, all others for evt/inherit-via-accept-event; inherited WskDisconnectEvent is
 * accept-event/inherits.
 */
import type { Packet } from '../../../lab/check/evidence.ts';
import type { Judge, Rule } from '../../../lab/check/rule.ts';
import type { Socket } from '../../../lab/check/socket.ts';
import { EVENT, STATUS_SUCCESS } from '../../../lab/check/wsk.ts';
import { tupleKey } from '../../../lab/check/wire.ts';
import type { RecordOf } from '../../../lab/trace/records.ts';

interface Expecting {
  socket: Socket;
  accepted: RecordOf<'accept_event_enter'>;
  isTimed: boolean;
}

const inheritRule = (clause: string, concerns: (listener: Socket) => boolean): Rule => ({
  clause,
  party: 'subsystem',
  begin(judge) {
    const expecting = new Map<number, Expecting>();
    /** The last of a 4-tuple. */
    const byTuple = new Map<string, Expecting>();
    const tupleOf = ({ accepted: { remote, local } }: Expecting) =>
      remote && local ? tupleKey(remote, local) : '';
    /** Somebody else may take the data, or nobody is owed any; false if nothing was expected. */
    const forget = (socket: number): boolean => {
      const it = expecting.get(socket);
      if (!it) return false;
      expecting.delete(socket);
      if (byTuple.get(tupleOf(it)) === it) byTuple.delete(tupleOf(it));
      return true;
    };
    const expectSoon = (it: Expecting, data: Packet) => {
      if (it.isTimed) return;
      it.isTimed = true;
      judge.after(judge.bounds.soonNs, (reached) => {
        const { remote, local } = it.accepted;
        if (expecting.get(it.socket.id) !== it || judge.wire.at(remote, local, data.time)?.isReset) return;
        forget(it.socket.id);
        if (!reached)
          return judge.undecided('the trace ended too soon after data that WskReceiveEvent was owed');
        judge.violated(
          [data, it.accepted],
          `no WskReceiveEvent within ${judge.bounds.soonNs / 1e6} ms (lab bound) of the first data on a socket that inherits it`,
        );
      });
    };
    return {
      on: {
        accept_event_return(record) {
          const it = inheriting(judge, record, concerns);
          if (!it) return;
          expecting.set(it.socket.id, it);
          byTuple.set(tupleOf(it), it);
          const early = judge.wire.at(it.accepted.remote, it.accepted.local, judge.world.now)?.clientData;
          if (early) expectSoon(it, early);
        },
        packet(packet) {
          if (packet.payloadBytes === 0 || byTuple.size === 0) return;
          const it = byTuple.get(tupleKey(packet.source, packet.destination));
          if (it) expectSoon(it, packet);
        },
        receive_event_enter(record) {
          if (forget(record.socket)) judge.held();
        },
        data_enter: (record) => void forget(record.socket),
        control_socket_enter: (record) => void forget(record.socket),
        disconnect_enter: (record) => void forget(record.socket),
        close_enter: (record) => void forget(record.socket),
      },
    };
  },
});

function inheriting(
  judge: Judge,
  record: RecordOf<'accept_event_return'>,
  concerns: (listener: Socket) => boolean,
): Expecting | undefined {
  const callback = judge.world.callback(record.callback);
  const { enter, accepted: socket, socket: listener } = callback ?? {};
  if (enter?.event !== 'accept_event_enter' || !socket || !listener || record.status !== STATUS_SUCCESS)
    return undefined;
  const receive = socket.switchOf(EVENT.receive);
  if (!receive.mustFire || receive.origin !== 'inherited' || record.slot0 === 0n || socket.closeEnter)
    return undefined;
  return concerns(listener) ? { socket, accepted: enter, isTimed: false } : undefined;
}

const wasOff = (listener: Socket) => listener.switchOf(EVENT.accept).offSince !== undefined;

export const rules: readonly Rule[] = [
  inheritRule('evt/inherit-via-accept-event', (listener) => !wasOff(listener)),
  inheritRule('evt/inherit-sticky', wasOff),
];
