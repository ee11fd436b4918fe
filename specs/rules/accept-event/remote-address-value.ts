/**
 * accept-event/remote-address-value: RemoteAddress is the peer's address and port.
 *
 * Source: WskAcceptEvent, Parameters (2024-03-27). Status: documented.
 * Choices: judged against the source of its SYN at the guest's NIC, an IPv4-mapped address counting as the IPv4 one.
 * Reported here if a connection that nobody took differs in this address; if none does, the call reports a
 * connection that never was (accept-event/notifies-accepted).
 */
import type { Rule } from '../../../lab/check/rule.ts';
import { endpointText } from '../../../lab/check/wire.ts';
import { joinDeliveries } from './shared/wire-deliveries.ts';

export const rule: Rule = {
  clause: 'accept-event/remote-address-value',
  party: 'subsystem',
  needs: ['wire'],
  begin: (judge) => ({
    on: joinDeliveries(judge, ({ record, remote }, join) => {
      if (record.event !== 'accept_event_enter') return;
      if (join.kind === 'joined') judge.held();
      if (join.kind !== 'wrong remote') return;
      const { client, syn } = join.connection;
      const sentence = `RemoteAddress is ${endpointText(remote)}, on the wire it is ${endpointText(client)}`;
      judge.violated(syn ? [record, syn] : record, sentence);
    }),
  }),
};
