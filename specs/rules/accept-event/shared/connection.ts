/** The wire's connection of sockets that the driver accepted in a WskAcceptEvent. */
import type { Judge } from '../../../../lab/check/rule.ts';
import type { Socket } from '../../../../lab/check/socket.ts';
import type { TcpConnection } from '../../../../lab/check/wire.ts';

/** The connection of the 4-tuple in the event that brought this socket; undefined if none was captured. */
export function connectionOf(judge: Judge, socket: Socket): TcpConnection | undefined {
  const { origin } = socket;
  if (origin.event !== 'accept_event_enter') return undefined;
  return judge.wire.at(origin.remote, origin.local, origin.time + judge.bounds.clockErrorNs);
}
