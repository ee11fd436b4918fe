/**
 * accept-event/local-address-value: LocalAddress is the local address and port that the connection arrived on.
 *
 * Source: WskAcceptEvent, Parameters (2024-03-27). Status: documented.
 * Choices: judged against the destination of its SYN at the guest's NIC, an IPv4-mapped address counting as the IPv4 one.
 * Reported here if a connection that nobody took differs in this address; if none does, the call reports a
 * connection that never was (accept-event/notifies-accepted).
 */
import type { Rule } from '../../../lab/check/rule.ts';
import { endpointText } from '../../../lab/check/wire.ts';
import { joinDeliveries } from './shared/wire-deliveries.ts';

export const rule: Rule = {
  clause: 'accept-event/local-address-value',
  party: 'subsystem',
  needs: ['wire'],
  begin: (judge) => ({
    on: joinDeliveries(judge, ({ record, local }, join) => {
      if (record.event !== 'accept_event_enter') return;
      if (join.kind === 'joined') judge.held();
      if (join.kind !== 'wrong local') return;
      const { server, syn } = join.connection;
      const sentence = `LocalAddress is ${endpointText(local)}, on the wire it is ${endpointText(server)}`;
      judge.violated(syn ? [record, syn] : record, sentence);
    }),
  }),
};
