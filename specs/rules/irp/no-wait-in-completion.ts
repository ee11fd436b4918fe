/**
 * A completion routine never waits for another WSK request. ddi/wsk/nc-wsk-pfn_wsk_accept_event (remarks),
 * network/winsock-kernel-events. Status: documented.
 * Choices: what counts as waiting is in waits.ts. Completion routines of requests on listeners and on sockets from
 * WskAcceptEvent are accept-event/no-wait-in-completions.
 */
import type { Activity } from '../../../lab/check/call.ts';
import type { Rule } from '../../../lab/check/rule.ts';
import { watchWaits } from '../waits.ts';

function isConcerned(activity: Activity): boolean {
  if (activity.kind !== 'completion') return false;
  const socket = activity.call.socket;
  return socket?.category !== 'listen' && socket?.obtained !== 'WskAcceptEvent';
}

export const rule: Rule = {
  clause: 'irp/no-wait-in-completion',
  party: 'driver',
  begin: (judge) => ({ on: watchWaits(judge, { inside: isConcerned }) }),
};
