/**
 * Context and dispatch table of a socket stay valid until its close has completed: until then callbacks may use them.
 * network/closing-a-socket (sample). Status: derived.
 *
 * Choices. Pool blocks only. A socket on which no callback was ever on, or whose connection delivery was refused,
 * needs neither; a socket that is never closed is reported for that alone. A free between a pending disable and its effect is evt/pending-not-done or
 * evt/event-pending-not-done; contexts of sockets from WskAccept are accept/dispatch-live.
 */
import type { Rule } from '../../../lab/check/rule.ts';
import type { Socket } from '../../../lab/check/socket.ts';
import type { RecordOf } from '../../../lab/trace/records.ts';
import { isDisable } from '../event-control.ts';
import { freedOf } from '../freed.ts';

const hasPendingDisable = (socket: Socket) =>
  socket.flagsWhere((it) => it.state === 'fading') !== 0 ||
  socket.pending.some(({ enter }) => enter.event === 'control_socket_enter' && isDisable(enter));

const contextRule = (clause: string, concerns: (socket: Socket) => boolean): Rule => ({
  clause,
  party: 'driver',
  begin(judge) {
    const early = new Map<number, { freed: RecordOf<'pool_free'>; what: string }>();
    return {
      on: {
        pool_free(record) {
          for (const socket of judge.world.pool.usersOf(record.address)) {
            if (!concerns(socket) || socket.isClosed || socket.isDisowned || hasPendingDisable(socket))
              continue;
            if (socket.flagsWhere((it) => it.everOn) === 0) continue;
            const what = freedOf(socket, record, judge.world);
            if (what === undefined) continue;
            if (!socket.closeEnter) early.set(socket.id, { freed: record, what });
            else
              judge.violated(
                [record, socket.closeEnter],
                `the ${what} of a socket was freed before its close completed`,
              );
          }
        },
        close_enter(record) {
          const socket = judge.world.socket(record.socket);
          if (!socket || !concerns(socket)) return;
          const mistake = early.get(socket.id);
          early.delete(socket.id);
          if (mistake)
            judge.violated(
              [mistake.freed, record],
              `the ${mistake.what} of a socket was freed before the socket was closed`,
            );
          else if (socket.context && judge.world.pool.holding(socket.context)) judge.held();
        },
      },
    };
  },
});

export const rules: readonly Rule[] = [
  contextRule('close/context-until-irp', ({ obtained }) => obtained !== 'WskAccept'),
  contextRule('accept/dispatch-live', ({ obtained }) => obtained === 'WskAccept'),
];
