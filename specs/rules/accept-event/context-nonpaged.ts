/**
 * accept-event/context-nonpaged: the context of the accepted socket lives in non-paged memory.
 *
 * Source: WskAcceptEvent, Parameters (2024-03-27). Status: documented.
 * Choices: judged where the pointer lies in pool that the driver allocated under the recorder's eyes; of other
 * addresses (the driver's image, a number) the trace says nothing.
 */
import type { Rule } from '../../../lab/check/rule.ts';
import { tookConnection } from './shared/accepted.ts';

export const rule: Rule = {
  clause: 'accept-event/context-nonpaged',
  party: 'driver',
  begin: (judge) => ({
    on: {
      accept_event_return(record) {
        if (!tookConnection(judge, record) || record.context_written === 0 || record.context === 0n) return;
        const block = judge.world.pool.holding(record.context);
        if (!block) return;
        if (!block.paged) judge.held();
        else judge.violated([record, block.allocated], '*AcceptSocketContext points into paged pool');
      },
    },
  }),
};
