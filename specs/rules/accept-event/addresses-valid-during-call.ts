/**
 * accept-event/addresses-valid-during-call: both SOCKADDRs stay valid for the whole call.
 *
 * Source: WskAcceptEvent, Remarks (2024-03-27). Status: documented.
 * Choices: the recorder compares them at enter and at return. The parameters are [in]; that a driver wrote
 * into them itself cannot be told apart, but is a mistake as well. Not judged without AcceptSocket.
 */
import type { Rule } from '../../../lab/check/rule.ts';
import { hadNull } from './shared/accepted.ts';

export const rule: Rule = {
  clause: 'accept-event/addresses-valid-during-call',
  party: 'subsystem',
  local: true,
  begin: (judge) => ({
    on: {
      accept_event_return(record) {
        if (hadNull(judge, record)) return;
        if (record.addresses_changed === 0) judge.held();
        else judge.violated(record, 'a SOCKADDR changed while WskAcceptEvent was running');
      },
    },
  }),
};
