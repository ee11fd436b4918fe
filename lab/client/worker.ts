/** The process that holds the clients' sockets; it runs inside the guest's network namespace. See protocol.ts. */
import { createInterface } from 'node:readline';
import { ClientGroups } from './client-groups.ts';
import { close } from './close.ts';
import { connectAll } from './connect.ts';
import type { ClientConnection } from './connection.ts';
import { halfClose } from './half-close.ts';
import { OperationLog } from './log.ts';
import type { ClientOutcome } from './operation.ts';
import { OwnAddresses } from './own-address.ts';
import type { WorkerCommand, WorkerMessage, WorkerRequest } from './protocol.ts';
import { receive } from './receive.ts';
import { reset } from './reset.ts';
import { send } from './send.ts';
import { vanish } from './vanish.ts';
import { waitForClosed } from './wait-for-closed.ts';

const groups = new ClientGroups();
const addresses = new OwnAddresses();
let log: OperationLog | undefined;
let connections = 0;

/** What is said in one go of the event loop goes out in one write: each is a call that waits for the pipe. */
function say(message: WorkerMessage): void {
  const { stdout } = process;
  if (stdout.writableCorked === 0) {
    stdout.cork();
    setImmediate(() => stdout.uncork());
  }
  stdout.write(`${JSON.stringify(message)}\n`);
}

async function obey(command: WorkerCommand): Promise<ClientOutcome[]> {
  switch (command.do) {
    case 'begin':
      log = new OperationLog(BigInt(command.origin), (operation) => say({ operation }));
      return [];
    case 'connect':
      return await connectGroup(command);
    case 'wait-for-connected':
      return [await groups.waitForConnected(command.on, command.count, command.withinMs)];
    case 'close-all':
      return await Promise.all(groups.everyone().map((it) => (it.isOver ? done(it) : close(it))));
    default:
      return await Promise.all(groups.named(command.on).map((it) => act(it, command)));
  }
}

async function connectGroup(command: Extract<WorkerCommand, { do: 'connect' }>): Promise<ClientOutcome[]> {
  if (log === undefined) throw new Error('connect before begin');
  groups.open(command.as);
  const from = command.ownAddress ? await addresses.take(command.count, command.host) : [];
  return await connectAll(
    { ...command, from },
    { log, nextNumber: () => ++connections, connected: (it) => groups.add(command.as, it) },
  );
}

type ActCommand = Extract<WorkerCommand, { on: string[] }>;

function act(connection: ClientConnection, command: ActCommand): Promise<ClientOutcome> {
  switch (command.do) {
    case 'send':
      return send(connection, command);
    case 'receive':
      return receive(connection, command);
    case 'half-close':
      return halfClose(connection, command);
    case 'close':
      return close(connection);
    case 'reset':
      return reset(connection);
    case 'vanish':
      return vanish(connection, addresses);
    case 'wait-for-closed':
      return waitForClosed(connection, command);
  }
}

function done({ client }: ClientConnection): Promise<ClientOutcome> {
  return Promise.resolve({ client, outcome: 'done' });
}

/** Requests may overlap: steps of a scenario run side by side. */
function answer(line: string): void {
  const { request, ...command } = JSON.parse(line) as WorkerRequest;
  obey(command).then(
    (outcomes) => say({ request, outcomes }),
    (error: unknown) => say({ request, error: error instanceof Error ? error.message : String(error) }),
  );
}

createInterface({ input: process.stdin })
  .on('line', answer)
  .on('close', () => process.exit(0));
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => undefined);
