/**
 * accept-event/one-delivery: a connection is delivered at most once, by one WskAccept IRP or by one WskAcceptEvent.
 *
 * Source: WskInspectEvent and WskInspectComplete, Remarks ("either ... or"). Status: derived.
 * Choices: a WskAccept counts if its address buffers tell the 4-tuple. A 4-tuple that is used again needs a
 * SYN of its own.
 */
import type { Rule } from '../../../lab/check/rule.ts';
import { endpointText } from '../../../lab/check/wire.ts';
import { joinDeliveries } from './shared/wire-deliveries.ts';

export const rule: Rule = {
  clause: 'accept-event/one-delivery',
  party: 'subsystem',
  needs: ['wire'],
  begin: (judge) => ({
    on: joinDeliveries(judge, ({ record, remote }, join) => {
      if (join.kind === 'joined') judge.held();
      if (join.kind !== 'again') return;
      const { syn } = join.connection;
      const sentence = `the connection from ${endpointText(remote)} was delivered before`;
      judge.violated(syn ? [record, syn] : record, sentence);
    }),
  }),
};
