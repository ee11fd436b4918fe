/**
 * accept-event/dispatch-covers-enabled: every callback that is enabled on the accepted socket, by itself or through
 * its listener, has a slot in the table that is not NULL.
 *
 * Source: WskAcceptEvent, Parameters; SO_WSK_EVENT_CALLBACK; WSK_CLIENT_CONNECTION_DISPATCH. Status: derived.
 * Choices: whether static callbacks reach accepted sockets is not stated, so they are not counted.
 */
import type { Rule } from '../../../lab/check/rule.ts';
import {
  CONNECTION_EVENTS,
  EVENT,
  EVENT_DISABLE,
  eventName,
  SO_WSK_EVENT_CALLBACK,
} from '../../../lab/check/wsk.ts';
import type { RecordOf } from '../../../lab/trace/records.ts';
import { tookConnection } from './shared/accepted.ts';

export const rule: Rule = {
  clause: 'accept-event/dispatch-covers-enabled',
  party: 'driver',
  begin: (judge) => ({
    on: {
      accept_event_return(record) {
        if (!tookConnection(judge, record) || record.table_written === 0) return;
        const accepted = judge.world.callback(record.callback)?.accepted;
        const enabled = accepted?.flagsWhere((each) => each.mustFire && each.origin !== 'static') ?? 0;
        if (enabled === 0) return;
        const bare = withoutSlot(enabled, record);
        if (bare === undefined) judge.held();
        else
          judge.violated(record, `${eventName(bare)} is enabled on the accepted socket and its slot is NULL`);
      },
      control_socket_enter(record) {
        const socket = judge.world.socket(record.socket);
        if (socket?.obtained !== 'WskAcceptEvent' || !socket.dispatch || !socket.acceptReturn) return;
        if (record.code !== SO_WSK_EVENT_CALLBACK || (record.event_mask & EVENT_DISABLE) !== 0) return;
        if ((record.event_mask & CONNECTION_EVENTS) === 0) return;
        const bare = withoutSlot(record.event_mask, socket.dispatch);
        if (bare === undefined) judge.held();
        else
          judge.violated([record, socket.acceptReturn], `${eventName(bare)} is enabled and its slot is NULL`);
      },
    },
  }),
};

type Slots = Pick<RecordOf<'accept_event_return'>, 'slot0' | 'slot1' | 'slot2'>;

function withoutSlot(flags: number, { slot0, slot1, slot2 }: Slots): number | undefined {
  if ((flags & EVENT.receive) !== 0 && slot0 === 0n) return EVENT.receive;
  if ((flags & EVENT.disconnect) !== 0 && slot1 === 0n) return EVENT.disconnect;
  return (flags & EVENT.backlog) !== 0 && slot2 === 0n ? EVENT.backlog : undefined;
}
