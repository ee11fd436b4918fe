/**
 * accept-event/accepted-callbacks-off: all callbacks of the accepted socket are off, unless inherited from the
 * listener or enabled statically.
 *
 * Source: WskAcceptEvent, Remarks (2024-03-27). Status: documented.
 * Choices: from the enter of an enabling call on the callback may come. After a disable took effect it is
 * evt/quiet-after-success.
 */
import type { Rule } from '../../../lab/check/rule.ts';
import type { Socket } from '../../../lab/check/socket.ts';
import { eventName } from '../../../lab/check/wsk.ts';
import { onConnectionEvent } from './shared/socket-calls.ts';

export const rule: Rule = {
  clause: 'accept-event/accepted-callbacks-off',
  party: 'subsystem',
  begin: (judge) => {
    const broken = new WeakSet<Socket>();
    return {
      on: {
        ...onConnectionEvent((record, flag) => {
          const socket = judge.world.socket(record.socket);
          if (socket?.obtained !== 'WskAcceptEvent' || socket.isDisowned) return;
          const { mayFire, offSince } = socket.switchOf(flag);
          if (mayFire || offSince) return;
          broken.add(socket);
          judge.violated(
            [record, socket.origin],
            `${eventName(flag)} was never enabled on this accepted socket`,
          );
        }),
        close_enter(record) {
          const socket = judge.world.socket(record.socket);
          if (socket?.obtained !== 'WskAcceptEvent' || socket.closeEnter || broken.has(socket)) return;
          if (socket.flagsWhere((each) => each.everOn) === 0) judge.held();
        },
      },
    };
  },
};
