/**
 * accept-event/after-handshake: the TCP handshake is complete before the call.
 *
 * Source: a comment in wsk.h; the page says "has been accepted". Status: header, no published page.
 * Choices: complete means that the client's acknowledgement of the SYN-ACK has passed the guest's NIC, give or
 * take the error of the clocks.
 */
import type { Rule } from '../../../lab/check/rule.ts';
import { joinDeliveries } from './shared/wire-deliveries.ts';

export const rule: Rule = {
  clause: 'accept-event/after-handshake',
  party: 'subsystem',
  needs: ['wire'],
  begin: (judge) => ({
    on: joinDeliveries(judge, ({ record }, join) => {
      if (record.event !== 'accept_event_enter' || join.kind !== 'joined') return;
      const { syn, established } = join.connection;
      if (!syn) return;
      if (established && established.time <= record.time + judge.bounds.clockErrorNs) judge.held();
      else judge.violated([record, syn], 'WskAcceptEvent was called before the handshake was complete');
    }),
  }),
};
