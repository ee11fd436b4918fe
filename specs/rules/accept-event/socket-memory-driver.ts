/**
 * accept-event/socket-memory-driver: the driver neither frees nor writes the WSK_SOCKET of an accepted socket.
 *
 * Source: WskAcceptEvent, Remarks (2024-03-27). Status: derived.
 * Choices: the recorder sees writes into what it handed out, and frees of pool at that address. Reads do not show.
 */
import type { Rule } from '../../../lab/check/rule.ts';

export const rule: Rule = {
  clause: 'accept-event/socket-memory-driver',
  party: 'driver',
  begin: (judge) => ({
    on: {
      socket_overwritten(record) {
        const socket = judge.world.socket(record.socket);
        if (socket?.obtained !== 'WskAcceptEvent') return;
        judge.violated([record, socket.origin], 'the driver wrote into the WSK_SOCKET of an accepted socket');
      },
      pool_free(record) {
        const socket = judge.world.socketAt(record.address);
        if (socket?.obtained !== 'WskAcceptEvent') return;
        judge.violated([record, socket.origin], 'the driver freed the WSK_SOCKET of an accepted socket');
      },
      close_enter(record) {
        const socket = judge.world.socket(record.socket);
        if (socket?.obtained === 'WskAcceptEvent' && !socket.closeEnter) judge.held();
      },
    },
  }),
};
