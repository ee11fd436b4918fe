/**
 * accept-event/context-null-if-none, accept-event/dispatch-null-if-none: a driver that will enable no callbacks on the
 * accepted socket stores NULL in *AcceptSocketContext and in *AcceptSocketDispatch.
 *
 * Source: WskAcceptEvent, Parameters (2024-03-27). Status: documented, a "should".
 * Choices: intent is not visible; see shared/usage.ts. Judged if no callback was enabled on any accepted socket
 * in the whole trace, over the sockets that carried data and that the driver closed.
 */
import type { Rule } from '../../../lab/check/rule.ts';
import type { Socket } from '../../../lab/check/socket.ts';
import { Suspects, watchUsage } from './shared/usage.ts';

/** `stored` is what the driver stored for a socket; undefined if nothing. */
const nullIfNone = (
  clause: string,
  parameter: string,
  stored: (socket: Socket) => bigint | undefined,
): Rule => ({
  clause,
  party: 'driver',
  begin(judge) {
    const suspects = new Suspects();
    let obedient = 0;
    const usage = watchUsage(judge, (socket) => {
      const value = stored(socket);
      if (value === 0n) obedient++;
      else if (value !== undefined) suspects.add(socket);
    });
    return {
      on: usage.handlers,
      finish() {
        if (usage.enabled !== 0) return;
        for (let count = 0; count < obedient; count++) judge.held();
        if (suspects.count === 0) return;
        const shown = suspects.first.map((socket) => socket.acceptReturn ?? socket.origin);
        const of = `${suspects.count} accepted sockets on which no callback was ever enabled`;
        judge.violated(shown, `${parameter} was not NULL for ${of}`);
      },
    };
  },
});

export const rules: readonly Rule[] = [
  nullIfNone('accept-event/context-null-if-none', '*AcceptSocketContext', ({ context }) => context),
  nullIfNone(
    'accept-event/dispatch-null-if-none',
    '*AcceptSocketDispatch',
    ({ dispatch }) => dispatch?.table,
  ),
];
