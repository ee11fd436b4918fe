/**
 * accept-event/backlog-on-enable: connections that arrived while the callback was off may be reported after it is
 * enabled, or not.
 *
 * Source: WskAcceptEvent (2024-03-27). Status: silent, a permission. Counts the ones reported.
 */
import type { Rule } from '../../../lab/check/rule.ts';
import type { Socket } from '../../../lab/check/socket.ts';
import { EVENT, EVENT_DISABLE, SO_WSK_EVENT_CALLBACK } from '../../../lab/check/wsk.ts';
import { joinDeliveries } from './shared/wire-deliveries.ts';

export const rule: Rule = {
  clause: 'accept-event/backlog-on-enable',
  party: 'permission',
  needs: ['wire'],
  begin: (judge) => {
    const enabledAt = new WeakMap<Socket, number>();
    return {
      on: {
        control_socket_enter(record) {
          const listener = judge.world.socket(record.socket);
          if (!listener || record.code !== SO_WSK_EVENT_CALLBACK) return;
          if ((record.event_mask & (EVENT.accept | EVENT_DISABLE)) !== EVENT.accept) return;
          if (!listener.switchOf(EVENT.accept).mayFire) enabledAt.set(listener, record.time);
        },
        ...joinDeliveries(judge, ({ record }, join) => {
          if (record.event !== 'accept_event_enter' || join.kind !== 'joined') return;
          const listener = judge.world.socket(record.socket);
          const since = listener && enabledAt.get(listener);
          const handshake = join.connection.established?.time;
          if (since === undefined || handshake === undefined) return;
          if (handshake + judge.bounds.clockErrorNs < since) judge.held();
        }),
      },
    };
  },
};
