/** Receiving and comparing: the driver under test is expected to send back what it was sent. */
import type { ClientConnection } from './connection.ts';
import type { ClientOutcome } from './operation.ts';

/**
 * Waits until `bytes` more than earlier calls asked for have come back; without `bytes`, all that was sent.
 * The peer's FIN or RST before that gives `eof` or `reset`, a byte that is not the one sent `mismatch`.
 */
export async function receive(
  connection: ClientConnection,
  { bytes, withinMs }: { bytes?: number | undefined; withinMs: number },
): Promise<ClientOutcome> {
  const { client } = connection;
  const beganNs = connection.now();
  const before = connection.claimedBytes;
  const wanted = bytes === undefined ? connection.sentBytes : before + bytes;
  connection.claimedBytes = Math.max(before, wanted);
  connection.read();
  const isHere = (): boolean => connection.receivedBytes >= wanted;
  const isWrong = (): boolean => connection.mismatchAt !== null;
  await connection.until(() => isHere() || isWrong() || connection.peerEnd !== null, withinMs);

  const here = Math.max(0, Math.min(connection.receivedBytes, wanted) - before);
  if (isWrong()) {
    const error = `byte ${connection.mismatchAt} of the stream is not the one that was sent there`;
    connection.log('receive', beganNs, { result: 'error', bytes: here, error });
    return { client, outcome: 'mismatch', detail: error };
  }
  if (isHere()) {
    connection.log('receive', beganNs, { result: 'ok', bytes: here });
    return { client, outcome: 'received' };
  }
  const detail = `${here} of ${wanted - before} bytes came`;
  if (connection.peerEnd !== null) return { client, outcome: connection.peerEnd, detail };
  connection.log('receive', beganNs, { result: 'timeout', bytes: here, error: detail });
  return { client, outcome: 'timeout', detail: `${detail} within ${withinMs} ms` };
}
