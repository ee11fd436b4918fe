/**
 * Joins deliveries (WskAcceptEvent calls, and WskAccept completions that tell the addresses) with the
 * connections on the wire, by the 4-tuple as the guest names it.
 *
 * The join waits for `clockErrorNs`, so that packets that the guest had already seen are there even if
 * their clock is behind. A 4-tuple may be used again: each delivery takes the oldest connection that nobody took.
 */
import type { Handlers, Judge } from '../../../../lab/check/rule.ts';
import type { TcpConnection } from '../../../../lab/check/wire.ts';
import { sameEndpoint } from '../../../../lab/check/wire.ts';
import type { RecordOf, SocketAddress } from '../../../../lab/trace/records.ts';

export interface Delivery {
  record: RecordOf<'accept_event_enter' | 'accept_addresses'>;
  local: SocketAddress;
  remote: SocketAddress;
}

export type Join =
  | { kind: 'joined'; connection: TcpConnection }
  /** Every connection of this 4-tuple was delivered before. */
  | { kind: 'again'; connection: TcpConnection }
  /** No such 4-tuple; a complete connection that nobody took differs in this address only. */
  | { kind: 'wrong local' | 'wrong remote'; connection: TcpConnection }
  | { kind: 'unknown' };

export function joinDeliveries(judge: Judge, joined: (delivery: Delivery, join: Join) => void): Handlers {
  const taken = new WeakMap<TcpConnection, Delivery>();

  const find = (delivery: Delivery): Join => {
    const latest = delivery.record.time + judge.bounds.clockErrorNs;
    const began = (each: TcpConnection) => (each.syn?.time ?? 0) <= latest;
    const same = judge.wire.between(delivery.remote, delivery.local).filter(began);
    const free = same.find((each) => !taken.has(each));
    if (free) return { kind: 'joined', connection: free };
    if (same[0]) return { kind: 'again', connection: same[0] };
    let wrongRemote: TcpConnection | undefined;
    for (const each of judge.wire.all()) {
      if (taken.has(each) || !each.established || !began(each)) continue;
      if (sameEndpoint(each.client, delivery.remote)) return { kind: 'wrong local', connection: each };
      if (sameEndpoint(each.server, delivery.local)) wrongRemote ??= each;
    }
    return wrongRemote ? { kind: 'wrong remote', connection: wrongRemote } : { kind: 'unknown' };
  };

  const deliver = (record: Delivery['record']) => {
    const { local, remote } = record;
    if (!local || !remote) return;
    const delivery = { record, local, remote };
    judge.after(judge.bounds.clockErrorNs, () => {
      const join = find(delivery);
      if (join.kind === 'joined') taken.set(join.connection, delivery);
      joined(delivery, join);
    });
  };

  return {
    accept_event_enter: (record) => {
      if (record.accept_socket !== 0) deliver(record);
    },
    accept_addresses: deliver,
  };
}
