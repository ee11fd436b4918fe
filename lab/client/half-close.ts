/** shutdown(SHUT_WR): the peer gets a FIN after all that was sent; this side goes on receiving. */
import type { ClientConnection } from './connection.ts';
import type { ClientOutcome } from './operation.ts';

export async function halfClose(
  connection: ClientConnection,
  { withinMs }: { withinMs: number },
): Promise<ClientOutcome> {
  const { client, socket } = connection;
  const beganNs = connection.now();
  socket.end(() => connection.changed());
  const isShut = (): boolean => socket.writableFinished;
  const isOver = (): boolean => isShut() || connection.peerEnd === 'reset' || socket.destroyed;
  await connection.until(isOver, withinMs);
  if (isShut()) {
    connection.log('half-close', beganNs, { result: 'ok' });
    return { client, outcome: 'done' };
  }
  const outcome = isOver() ? 'reset' : 'timeout';
  connection.log('half-close', beganNs, { result: outcome });
  return { client, outcome };
}
