/**
 * accept-event/return-domain: WskAcceptEvent returns STATUS_SUCCESS or STATUS_REQUEST_NOT_ACCEPTED, nothing else.
 *
 * Source: WskAcceptEvent, Return value (2024-03-27). Status: documented.
 */
import type { Rule } from '../../../lab/check/rule.ts';
import { STATUS_REQUEST_NOT_ACCEPTED, STATUS_SUCCESS, statusText } from '../../../lab/check/wsk.ts';

export const rule: Rule = {
  clause: 'accept-event/return-domain',
  party: 'driver',
  local: true,
  begin: (judge) => ({
    on: {
      accept_event_return(record) {
        if (record.status === STATUS_SUCCESS || record.status === STATUS_REQUEST_NOT_ACCEPTED) judge.held();
        else judge.violated(record, `WskAcceptEvent returned ${statusText(record.status)}`);
      },
    },
  }),
};
