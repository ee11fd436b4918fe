/** Waiting for the peer to end the connection. */
import type { ClientConnection } from './connection.ts';
import type { ClientOutcome } from './operation.ts';

/** `eof` or `reset`; bytes that come before it do not matter. The connection logs the end itself. */
export async function waitForClosed(
  connection: ClientConnection,
  { withinMs }: { withinMs: number },
): Promise<ClientOutcome> {
  const { client } = connection;
  connection.read();
  await connection.until(() => connection.peerEnd !== null, withinMs);
  if (connection.peerEnd !== null) return { client, outcome: connection.peerEnd };
  return { client, outcome: 'timeout', detail: `still open after ${withinMs} ms` };
}
