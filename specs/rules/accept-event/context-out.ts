/**
 * accept-event/context-out: when it accepts, the driver stores a context (or NULL) in *AcceptSocketContext.
 *
 * Source: WskAcceptEvent, Parameters: the [out] annotation (2024-03-27). Status: documented.
 * Choices: the recorder presents a variable that holds a marker; NULL has to be stored too.
 */
import type { Rule } from '../../../lab/check/rule.ts';
import { tookConnection } from './shared/accepted.ts';

export const rule: Rule = {
  clause: 'accept-event/context-out',
  party: 'driver',
  begin: (judge) => ({
    on: {
      accept_event_return(record) {
        if (!tookConnection(judge, record)) return;
        if (record.context_written !== 0) judge.held();
        else judge.violated(record, 'the driver accepted and left *AcceptSocketContext as it was');
      },
    },
  }),
};
