/**
 * accept-event/remote-address-type: RemoteAddress points to the SOCKADDR type of the listener's address family.
 *
 * Source: WskAcceptEvent, Parameters (2024-03-27). Status: documented.
 * Choices: nothing is said about the addresses of a call without AcceptSocket, so it is not judged.
 */
import type { Rule } from '../../../lab/check/rule.ts';
import { judgeAddressType } from './shared/address-type.ts';

export const rule: Rule = {
  clause: 'accept-event/remote-address-type',
  party: 'subsystem',
  local: true,
  begin: (judge) => ({
    on: {
      accept_event_enter: (record) => judgeAddressType(judge, record, 'RemoteAddress', record.remote),
    },
  }),
};
