/** Sockets that a request gave to the driver are closed by it: shared by the clauses that say so. */
import type { Rule } from '../../lab/check/rule.ts';
import type { Socket } from '../../lab/check/socket.ts';
import type { RecordOf } from '../../lab/trace/records.ts';
import { FUNCTIONS } from '../../lab/trace/schema.ts';

/**
 * What a request handed over is closed before WskDeregister returns.
 * Choices: a socket that the driver never closes keeps WskDeregister waiting; then the lab bound `shutdownNs` counts.
 */
export const mustClose = (clause: string, concerns: (socket: Socket) => boolean): Rule => ({
  clause,
  party: 'driver',
  begin(judge) {
    const open = new Map<number, RecordOf<'socket_created'>>();
    /** Calls of WskDeregister that have returned: the block, and the client's address, may be in use again. */
    const returned = new Set<number>();
    const isOpen = (id: number) =>
      judge.world.socket(id)?.closeEnter === undefined && !judge.world.isGone(id);
    const complain = (block: bigint, shown: RecordOf<'call_return' | 'registration_enter'>, when: string) => {
      for (const [id, created] of open) {
        const socket = judge.world.socket(id);
        if (
          !isOpen(id) ||
          !socket ||
          !concerns(socket) ||
          judge.world.registrationOf(socket.client)?.block !== block
        )
          continue;
        open.delete(id);
        judge.violated([created, shown], `the socket was not closed ${when}`);
      }
    };
    return {
      on: {
        irp_complete(record) {
          const created = judge.world.call(record.call)?.created;
          if (created && concerns(created) && created.origin.event === 'socket_created')
            open.set(created.id, created.origin);
        },
        close_enter(record) {
          if (open.delete(record.socket)) judge.held();
        },
        registration_enter(record) {
          if (record.fn !== FUNCTIONS.WskDeregister) return;
          judge.after(judge.bounds.shutdownNs, (reached) => {
            if (reached && !returned.has(record.call))
              complain(
                record.block,
                record,
                `${judge.bounds.shutdownNs / 1e6} ms (lab bound) after WskDeregister was called`,
              );
          });
        },
        call_return(record) {
          const enter = judge.world.call(record.call)?.enter;
          if (record.fn !== FUNCTIONS.WskDeregister || enter?.event !== 'registration_enter') return;
          returned.add(record.call);
          complain(enter.block, record, 'before WskDeregister returned');
        },
      },
    };
  },
});
