/**
 * accept-event/success-must-close: a socket accepted with STATUS_SUCCESS is eventually closed by the driver.
 *
 * Source: Closing a Socket; WskDeregister, Remarks (2025-11-12, 2024-03-27). Status: derived.
 * Choices: due when WskDeregister of its client returns, or, since that may wait for the socket for ever, when
 * the lab bound `shutdownNs` has passed since the driver entered it. A driver that is not unloaded in the trace
 * may still close it. Closing twice is close/once.
 */
import type { Rule } from '../../../lab/check/rule.ts';
import type { Socket } from '../../../lab/check/socket.ts';
import { STATUS_SUCCESS } from '../../../lab/check/wsk.ts';

export const rule: Rule = {
  clause: 'accept-event/success-must-close',
  party: 'driver',
  begin: (judge) => {
    const owed = new Set<Socket>();

    const settle = (socket: Socket) => {
      const accepted = socket.acceptReturn ?? socket.origin;
      const deregister = judge.world.deregisterEnter(socket);
      if (judge.world.isDeregistered(socket))
        return judge.violated(accepted, 'the accepted socket was never closed');
      if (!deregister) return judge.undecided('the driver was not unloaded before the trace ended');
      const waitedNs = judge.awakeNs(Math.max(deregister.time, accepted.time), judge.world.now);
      if (waitedNs < judge.bounds.shutdownNs)
        return judge.undecided('the trace ended soon after the driver had begun to unload');
      const bound = `${judge.bounds.shutdownNs / 1e9} s (lab bound) after WskDeregister was entered`;
      judge.violated([accepted, deregister], `the accepted socket was not closed ${bound}`);
    };

    return {
      on: {
        accept_event_return(record) {
          const accepted = judge.world.callback(record.callback)?.accepted;
          if (!accepted || record.status !== STATUS_SUCCESS) return;
          if (accepted.closeEnter) judge.held();
          else owed.add(accepted);
        },
        close_enter(record) {
          const socket = judge.world.socket(record.socket);
          if (socket && owed.delete(socket)) judge.held();
        },
      },
      finish: () => owed.forEach(settle),
    };
  },
};
