/** Sending: the next bytes of the connection's pattern, until the kernel has taken the last one. */
import type { ClientConnection } from './connection.ts';
import type { ClientOutcome } from './operation.ts';
import { patternBytes } from './pattern.ts';

const CHUNK_BYTES = 64 * 1024;

/** `sent`, `reset` when the peer ended the connection meanwhile, `timeout` when it took too little. */
export async function send(
  connection: ClientConnection,
  { bytes, withinMs }: { bytes: number; withinMs: number },
): Promise<ClientOutcome> {
  const { client } = connection;
  const beganNs = connection.now();
  const deadlineMs = performance.now() + withinMs;
  let taken = 0;
  const isWritten = (): boolean => connection.socket.writableLength === 0;
  const isOver = (): boolean => connection.peerEnd === 'reset' || connection.socket.destroyed;
  while (taken < bytes && !isOver()) {
    const length = Math.min(CHUNK_BYTES, bytes - taken);
    const chunk = patternBytes(connection.number, connection.sentBytes, length);
    connection.socket.write(chunk, () => connection.changed());
    connection.sentBytes += length;
    const leftMs = Math.max(0, deadlineMs - performance.now());
    if (!(await connection.until(() => isWritten() || isOver(), leftMs))) {
      const error = `the peer took ${taken} of ${bytes} bytes within ${withinMs} ms`;
      connection.log('send', beganNs, { result: 'timeout', bytes: taken, error });
      return { client, outcome: 'timeout', detail: error };
    }
    if (!isOver()) taken += length;
  }
  if (taken === bytes) {
    connection.log('send', beganNs, { result: 'ok', bytes });
    return { client, outcome: 'sent' };
  }
  const error = `the connection ended after ${taken} of ${bytes} bytes`;
  connection.log('send', beganNs, { result: 'reset', bytes: taken, error });
  return { client, outcome: 'reset', detail: error };
}
