/** Connecting: one client, many at once, or one after the other at a distance. */
import { connect as openSocket } from 'node:net';
import { ClientConnection, errnoText } from './connection.ts';
import type { OperationLog } from './log.ts';
import type { ClientOutcome, OperationResult, OutcomeWord } from './operation.ts';

export interface ConnectRequest {
  /** Name of the client, or of the group when `count` is more than one. */
  as: string;
  host: string;
  port: number;
  count: number;
  /** How many attempts may be on their way together. */
  atOnce: number;
  /** Time between the begins of two attempts. */
  staggerMs: number;
  /** See ClientConnection.begin. */
  deaf: boolean;
  /** Address that each client binds to, in order; empty: the kernel chooses. */
  from: string[];
  withinMs: number;
}

/** What the worker gives: numbers for connections, the log, and a place for those that succeed. */
export interface ConnectEnvironment {
  log: OperationLog;
  nextNumber: () => number;
  connected: (connection: ClientConnection) => void;
}

/** One outcome for each client, in the order of their numbers. */
export async function connectAll(
  request: ConnectRequest,
  environment: ConnectEnvironment,
): Promise<ClientOutcome[]> {
  const outcomes: ClientOutcome[] = [];
  let next = 0;
  const beganMs = performance.now();
  const worker = async (): Promise<void> => {
    for (let index = next++; index < request.count; index = next++) {
      await until(beganMs + index * request.staggerMs);
      outcomes[index] = await connectOne(request, index, environment);
    }
  };
  await Promise.all(Array.from({ length: Math.min(request.atOnce, request.count) }, worker));
  return outcomes;
}

/** The pace is what the scenario asks for, not a wait for something to have happened. */
async function until(timeMs: number): Promise<void> {
  const leftMs = timeMs - performance.now();
  if (leftMs > 0) await new Promise((resolve) => setTimeout(resolve, leftMs));
}

async function connectOne(
  request: ConnectRequest,
  index: number,
  environment: ConnectEnvironment,
): Promise<ClientOutcome> {
  const { host, port, from, withinMs } = request;
  const client = request.count === 1 ? request.as : `${request.as}#${index + 1}`;
  const localAddress = from[index];
  const beganNs = environment.log.now();
  const socket = openSocket({
    host,
    port,
    allowHalfOpen: true,
    noDelay: true,
    ...(localAddress !== undefined && { localAddress }),
  });
  const connection = new ClientConnection({
    client,
    number: environment.nextNumber(),
    socket,
    remote: { family: host.includes(':') ? 6 : 4, address: host, port },
    log: environment.log,
  });
  const failure = await new Promise<NodeJS.ErrnoException | 'timeout' | null>((resolve) => {
    const timer = setTimeout(() => resolve('timeout'), withinMs);
    socket.once('connect', () => {
      clearTimeout(timer);
      socket.removeAllListeners('error');
      connection.begin(request.deaf);
      resolve(null);
    });
    socket.once('error', (error) => {
      clearTimeout(timer);
      resolve(error);
    });
  });
  if (failure === null) {
    connection.log('connect', beganNs, { result: 'ok' });
    environment.connected(connection);
    return { client, outcome: 'connected' };
  }
  socket.on('error', () => undefined); // the attempt is over; what its socket says while it goes is no news
  socket.destroy();
  const { result, outcome } = FAILURES[failure === 'timeout' ? 'ETIMEDOUT' : (failure.code ?? '')] ?? ERROR;
  const error = failure === 'timeout' ? `no answer within ${withinMs} ms` : errnoText(failure);
  connection.log('connect', beganNs, { result, error });
  if (outcome === 'reset') {
    // The handshake was done and the peer's RST overtook the news of it: later steps on this client see it too.
    connection.peerEnd = 'reset';
    environment.connected(connection);
  }
  return { client, outcome, detail: error };
}

const ERROR = { result: 'error', outcome: 'error' } as const;
const FAILURES: Record<string, { result: OperationResult; outcome: OutcomeWord }> = {
  ECONNREFUSED: { result: 'refused', outcome: 'refused' },
  ECONNRESET: { result: 'reset', outcome: 'reset' },
  ETIMEDOUT: { result: 'timeout', outcome: 'timeout' },
  EHOSTUNREACH: { result: 'error', outcome: 'unreachable' },
  ENETUNREACH: { result: 'error', outcome: 'unreachable' },
};
