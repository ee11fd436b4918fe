/** What of a socket a freed pool block held. */
import type { Socket } from '../../lab/check/socket.ts';
import type { World } from '../../lab/check/world.ts';
import type { RecordOf } from '../../lab/trace/records.ts';

/** 'context', 'dispatch table' or undefined; asked before the world learns of the free. */
export function freedOf(socket: Socket, record: RecordOf<'pool_free'>, world: World): string | undefined {
  const block = world.pool.at(record.address);
  const holds = (address: bigint | undefined) =>
    address !== undefined && address !== 0n && block !== undefined && world.pool.holding(address) === block;
  if (holds(socket.context)) return 'context';
  return holds(socket.dispatch?.table) ? 'dispatch table' : undefined;
}
