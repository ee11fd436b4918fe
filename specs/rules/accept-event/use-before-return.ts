/**
 * accept-event/use-before-return: the driver may use the accepted socket before the callback has returned, in the
 * callback or from another thread.
 *
 * Source: WskAcceptEvent, Remarks: requests may be initiated (2024-03-27). Status: silent, a permission.
 */
import type { Rule } from '../../../lab/check/rule.ts';
import { onSocketCall } from './shared/socket-calls.ts';

export const rule: Rule = {
  clause: 'accept-event/use-before-return',
  party: 'permission',
  begin: (judge) => ({
    on: onSocketCall((record) => {
      const socket = judge.world.socket(record.socket);
      if (socket?.obtained === 'WskAcceptEvent' && !socket.acceptReturn) judge.held();
    }),
  }),
};
