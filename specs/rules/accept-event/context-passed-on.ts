/**
 * accept-event/context-passed-on: the callbacks of the accepted socket receive exactly the pointer that the driver
 * stored in *AcceptSocketContext.
 *
 * Source: WskAcceptEvent, Parameters (2024-03-27). Status: documented.
 * Choices: a callback that begins before WskAcceptEvent has returned is permitted and not judged.
 */
import type { Rule } from '../../../lab/check/rule.ts';
import { hex } from '../wsk.ts';
import { onConnectionEvent } from './shared/socket-calls.ts';

export const rule: Rule = {
  clause: 'accept-event/context-passed-on',
  party: 'subsystem',
  local: true,
  begin: (judge) => ({
    on: onConnectionEvent((record) => {
      const socket = judge.world.socket(record.socket);
      if (socket?.obtained !== 'WskAcceptEvent' || socket.context === undefined) return;
      if (record.context === socket.context) return judge.held();
      const sentence = `SocketContext is ${hex(record.context)}, WskAcceptEvent stored ${hex(socket.context)}`;
      judge.violated(socket.acceptReturn ? [record, socket.acceptReturn] : record, sentence);
    }),
  }),
};
