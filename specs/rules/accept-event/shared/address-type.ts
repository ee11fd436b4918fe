/** The type of SOCKADDR that a WskAcceptEvent call passes. */
import type { Judge } from '../../../../lab/check/rule.ts';
import type { RecordOf, SocketAddress } from '../../../../lab/trace/records.ts';

export function judgeAddressType(
  judge: Judge,
  record: RecordOf<'accept_event_enter'>,
  name: string,
  address: SocketAddress | null,
): void {
  const family = judge.world.socket(record.socket)?.family ?? 0;
  if (record.accept_socket === 0 || family === 0) return;
  if (address?.family === family) judge.held();
  else if (address === null) judge.violated(record, `${name} is NULL`);
  else judge.violated(record, `${name} has family ${address.family}, the listener has ${family}`);
}
