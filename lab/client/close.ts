/**
 * close(2): the kernel sends what is left and a FIN, and answers whatever arrives afterwards with RST. With
 * bytes that a deaf client never read, Linux sends RST at once.
 */
import { once } from 'node:events';
import type { ClientConnection } from './connection.ts';
import type { ClientOutcome } from './operation.ts';

export async function close(connection: ClientConnection): Promise<ClientOutcome> {
  const { client, socket } = connection;
  const beganNs = connection.now();
  connection.isOver = true;
  if (!socket.closed) {
    socket.destroy();
    await once(socket, 'close');
    connection.log('close', beganNs, { result: 'ok' });
  }
  return { client, outcome: 'done' };
}
