/**
 * accept-event/reject-hands-off: after it rejected a connection the driver makes no call on that socket, in
 * particular no WskCloseSocket.
 *
 * Source: WskAcceptEvent, Return value and Remarks (2024-03-27); explicit in a comment in wsk.h. Status: derived.
 * Choices: calls begun before the return are fine, whenever they complete, except a close: the socket is
 * then closed twice. Writing into the socket is accept-event/socket-memory-driver.
 */
import type { Rule } from '../../../lab/check/rule.ts';
import { STATUS_REQUEST_NOT_ACCEPTED } from '../../../lab/check/wsk.ts';
import { functionName } from '../../../lab/check/call.ts';
import { onSocketCall, type SocketCall } from './shared/socket-calls.ts';

export const rule: Rule = {
  clause: 'accept-event/reject-hands-off',
  party: 'driver',
  begin: (judge) => ({
    on: {
      ...onSocketCall((record) => {
        const socket = judge.world.socket(record.socket);
        if (!socket?.rejected || !socket.acceptReturn) return;
        const sentence = `${calledBy(record)} was called on a socket that the driver had rejected`;
        judge.violated([record, socket.acceptReturn], sentence);
      }),
      accept_event_return(record) {
        const accepted = judge.world.callback(record.callback)?.accepted;
        if (!accepted || record.status !== STATUS_REQUEST_NOT_ACCEPTED) return;
        if (!accepted.closeEnter) return judge.held();
        judge.violated(
          [record, accepted.closeEnter],
          'the driver closed the accepted socket and then rejected it',
        );
      },
    },
  }),
};

const NAMES = {
  control_socket_enter: 'WskControlSocket',
  bind_enter: 'WskBind',
  accept_enter: 'WskAccept',
  disconnect_enter: 'WskDisconnect',
  close_enter: 'WskCloseSocket',
  release_enter: 'WskRelease',
} as const;

const calledBy = (record: SocketCall): string =>
  'fn' in record ? (functionName(record.fn) ?? `function ${record.fn}`) : NAMES[record.event];
