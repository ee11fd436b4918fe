/**
 * accept-event/null-return: with AcceptSocket NULL the callback returns STATUS_REQUEST_NOT_ACCEPTED.
 *
 * Source: Listening for and Accepting Incoming Connections, sample (2025-11-12). Status: silent on the page of
 * the callback, so a "should". Choices: a status that the page does not list at all is reported by
 * accept-event/return-domain.
 */
import type { Rule } from '../../../lab/check/rule.ts';
import { STATUS_REQUEST_NOT_ACCEPTED, STATUS_SUCCESS } from '../../../lab/check/wsk.ts';
import { hadNull } from './shared/accepted.ts';

export const rule: Rule = {
  clause: 'accept-event/null-return',
  party: 'driver',
  begin: (judge) => ({
    on: {
      accept_event_return(record) {
        if (!hadNull(judge, record)) return;
        if (record.status === STATUS_REQUEST_NOT_ACCEPTED) judge.held();
        else if (record.status === STATUS_SUCCESS)
          judge.violated(record, 'WskAcceptEvent returned STATUS_SUCCESS though AcceptSocket was NULL');
      },
    },
  }),
};
