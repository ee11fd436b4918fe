/**
 * accept-event/reject-no-callbacks: no callback of a rejected socket is entered after the rejection.
 *
 * Source: WskAcceptEvent, Return value (2024-03-27). Status: derived.
 * Choices: the return is recorded before WSK learns of it, so an inherited callback may still begin on another
 * CPU just after. Only one later than the lab bound `settleNs` counts.
 */
import type { Rule } from '../../../lab/check/rule.ts';
import { STATUS_REQUEST_NOT_ACCEPTED } from '../../../lab/check/wsk.ts';
import { onConnectionEvent } from './shared/socket-calls.ts';

export const rule: Rule = {
  clause: 'accept-event/reject-no-callbacks',
  party: 'subsystem',
  begin: (judge) => ({
    on: {
      ...onConnectionEvent((record) => {
        const socket = judge.world.socket(record.socket);
        if (!socket?.rejected || !socket.acceptReturn) return;
        if (judge.awakeNs(socket.acceptReturn.time, record.time) <= judge.bounds.settleNs) return;
        judge.violated([record, socket.acceptReturn], 'a callback of a rejected socket was called');
      }),
      accept_event_return(record) {
        const accepted = judge.world.callback(record.callback)?.accepted;
        if (accepted && record.status === STATUS_REQUEST_NOT_ACCEPTED) judge.held();
      },
    },
  }),
};
