/** RST: SO_LINGER with time 0 and close(2). Bytes not yet delivered are lost. */
import { once } from 'node:events';
import type { ClientConnection } from './connection.ts';
import type { ClientOutcome } from './operation.ts';

export async function reset(connection: ClientConnection): Promise<ClientOutcome> {
  const { client, socket } = connection;
  const beganNs = connection.now();
  connection.isOver = true;
  if (!socket.closed) {
    socket.resetAndDestroy();
    await once(socket, 'close');
    connection.log('reset', beganNs, { result: 'ok' });
  }
  return { client, outcome: 'done' };
}
