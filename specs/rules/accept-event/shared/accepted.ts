/** What a WskAcceptEvent that comes back was about. */
import type { Judge } from '../../../../lab/check/rule.ts';
import { STATUS_SUCCESS } from '../../../../lab/check/wsk.ts';
import type { RecordOf } from '../../../../lab/trace/records.ts';

type Return = RecordOf<'accept_event_return'>;

/** AcceptSocket was NULL on this side; the common return record of a perturbed call cannot say so itself. */
export function hadNull(judge: Judge, record: Return): boolean {
  const callback = judge.world.callback(record.callback);
  return callback ? callback.accepted === null : record.accept_socket === 0;
}

/** The driver took the connection. */
export const tookConnection = (judge: Judge, record: Return): boolean =>
  record.status === STATUS_SUCCESS && !hadNull(judge, record);
