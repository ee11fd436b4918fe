/**
 * accept-event/notifies-accepted: WskAcceptEvent reports a connection that has been accepted on the listener.
 *
 * Source: WskAcceptEvent, description (2024-03-27). Status: documented.
 * Choices: every call with an AcceptSocket has to have a connection on the wire. A wrong address and a second
 * delivery have clauses of their own.
 */
import type { Rule } from '../../../lab/check/rule.ts';
import { endpointText } from '../../../lab/check/wire.ts';
import { joinDeliveries } from './shared/wire-deliveries.ts';

export const rule: Rule = {
  clause: 'accept-event/notifies-accepted',
  party: 'subsystem',
  needs: ['wire'],
  begin: (judge) => ({
    on: joinDeliveries(judge, ({ record, local, remote }, { kind }) => {
      if (record.event !== 'accept_event_enter') return;
      if (kind === 'joined') judge.held();
      if (kind !== 'unknown') return;
      const tuple = `from ${endpointText(remote)} to ${endpointText(local)}`;
      judge.violated(record, `WskAcceptEvent reports a connection ${tuple} that is not on the wire`);
    }),
  }),
};
