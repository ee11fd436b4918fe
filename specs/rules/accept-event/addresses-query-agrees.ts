/**
 * accept-event/addresses-query-agrees: WskGetLocalAddress and WskGetRemoteAddress on the accepted socket give the
 * addresses that WskAcceptEvent gave.
 *
 * Source: WskAcceptEvent, Remarks (2024-03-27). Status: derived.
 */
import type { Rule } from '../../../lab/check/rule.ts';
import { endpointText, sameEndpoint } from '../../../lab/check/wire.ts';
import { FUNCTIONS } from '../../../lab/trace/schema.ts';

export const rule: Rule = {
  clause: 'accept-event/addresses-query-agrees',
  party: 'subsystem',
  local: true,
  begin: (judge) => ({
    on: {
      address_result(record) {
        const origin = judge.world.socket(record.socket)?.origin;
        if (origin?.event !== 'accept_event_enter') return;
        const isLocal = record.fn === FUNCTIONS.WskGetLocalAddress;
        const given = isLocal ? origin.local : origin.remote;
        if (!given) return;
        if (record.value?.family === given.family && sameEndpoint(record.value, given)) return judge.held();
        const asked = `${isLocal ? 'WskGetLocalAddress' : 'WskGetRemoteAddress'} gave ${endpointText(record.value)}`;
        judge.violated([record, origin], `${asked}, WskAcceptEvent ${endpointText(given)}`);
      },
    },
  }),
};
