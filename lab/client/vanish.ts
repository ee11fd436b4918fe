/** The client disappears: see own-address.ts. Its socket is left as it is, as a dead machine would leave it. */
import type { ClientConnection } from './connection.ts';
import type { ClientOutcome } from './operation.ts';
import type { OwnAddresses } from './own-address.ts';

export async function vanish(connection: ClientConnection, addresses: OwnAddresses): Promise<ClientOutcome> {
  const { client, local } = connection;
  if (local === null || !addresses.has(local.address)) {
    const detail = `${client} has no address of its own to lose: connect it with ownAddress: true`;
    return { client, outcome: 'error', detail };
  }
  const beganNs = connection.now();
  connection.isOver = true;
  await addresses.drop(local.address);
  connection.log('vanish', beganNs, { result: 'ok' });
  return { client, outcome: 'done' };
}
