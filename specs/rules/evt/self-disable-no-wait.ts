/**
 * A callback that disables itself with an IRP does not wait for that IRP: it completes after the callback.
 * network/so-wsk-event-callback, ddi/wsk/nc-wsk-pfn_wsk_accept_event (remarks). Status: derived.
 * Choices: what counts as waiting for a request is in waits.ts.
 */
import type { Rule } from '../../../lab/check/rule.ts';
import { isOwnDisable, watchWaits } from '../waits.ts';

export const rule: Rule = {
  clause: 'evt/self-disable-no-wait',
  party: 'driver',
  begin: (judge) => ({
    on: watchWaits(judge, { inside: ({ kind }) => kind === 'callback', requests: isOwnDisable }),
  }),
};
