/**
 * accept-event/inherited-before-return: an inherited callback of the accepted socket may begin before WskAcceptEvent
 * has returned, or not; no page says.
 *
 * Source: WskAcceptEvent (2024-03-27). Status: silent, a permission.
 */
import type { Rule } from '../../../lab/check/rule.ts';
import { onConnectionEvent } from './shared/socket-calls.ts';

export const rule: Rule = {
  clause: 'accept-event/inherited-before-return',
  party: 'permission',
  begin: (judge) => ({
    on: onConnectionEvent((record) => {
      const socket = judge.world.socket(record.socket);
      if (socket?.obtained === 'WskAcceptEvent' && !socket.acceptReturn) judge.held();
    }),
  }),
};
