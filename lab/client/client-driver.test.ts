import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { Clients } from './client-driver.ts';
import type { ClientOperation, ClientOutcome } from './operation.ts';

const WITHIN_MS = 20_000;

/** A TCP server of this process that does with each connection what the test says. */
class Peer {
  readonly sockets: Socket[] = [];
  readonly ports: (number | undefined)[] = [];
  readonly seen: string[] = [];
  readonly #server: Server;

  private constructor(server: Server) {
    this.#server = server;
  }

  static async listen(host: string, serve: (socket: Socket) => void): Promise<Peer> {
    const server = createServer({ allowHalfOpen: true, noDelay: true });
    const peer = new Peer(server);
    server.on('connection', (socket) => {
      peer.sockets.push(socket);
      peer.ports.push(socket.remotePort);
      socket.on('error', (error: NodeJS.ErrnoException) => peer.seen.push(error.code ?? 'error'));
      socket.on('end', () => peer.seen.push('end'));
      serve(socket);
    });
    server.listen(0, host, 1024);
    await once(server, 'listening');
    return peer;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  /** Settles at the next connection: a client may know of it before the server does. */
  async accepted(): Promise<void> {
    await once(this.#server, 'connection');
  }

  async close(): Promise<void> {
    this.sockets.forEach((socket) => socket.destroy());
    this.#server.close();
    await once(this.#server, 'close');
  }
}

const echo = (socket: Socket): void => void socket.pipe(socket);
const words = (outcomes: ClientOutcome[]): string[] => outcomes.map(({ outcome }) => outcome);

describe('Clients', function () {
  this.timeout(60_000);
  let clients: Clients;
  let peer: Peer | undefined;

  beforeEach(async () => {
    clients = await Clients.start();
  });
  afterEach(async () => {
    await clients[Symbol.asyncDispose]();
    await peer?.close();
    peer = undefined;
  });

  /** One client 'a' connected to a fresh server. */
  async function connected(serve: (socket: Socket) => void, host = '127.0.0.1'): Promise<Peer> {
    peer = await Peer.listen(host, serve);
    const accepted = peer.accepted();
    const outcomes = await clients.connect({ as: 'a', host, port: peer.port, withinMs: WITHIN_MS });
    assert.deepEqual(words(outcomes), ['connected']);
    await accepted;
    return peer;
  }
  const kinds = (): string[] => clients.operations.map(({ kind, result }) => `${kind} ${result}`);
  const operation = (kind: ClientOperation['kind']): ClientOperation => {
    const found = clients.operations.find((it) => it.kind === kind);
    assert.ok(found, `no ${kind} in the log`);
    return found;
  };

  it('connects, gets its bytes back and logs each operation with its time and both addresses', async () => {
    const { port, ports } = await connected(echo);
    assert.deepEqual(words(await clients.echo(['a'], 300_000, WITHIN_MS)), ['received']);
    assert.deepEqual(words(await clients.close(['a'], WITHIN_MS)), ['done']);

    assert.deepEqual(kinds(), ['connect ok', 'send ok', 'receive ok', 'close ok']);
    const { local, remote, beganNs, endedNs, connection } = operation('connect');
    assert.deepEqual(remote, { family: 4, address: '127.0.0.1', port });
    assert.deepEqual([local?.port], ports);
    assert.ok(beganNs > 0 && beganNs < endedNs);
    assert.equal(connection, 1);
    assert.equal(operation('receive').bytes, 300_000);
    const now = Number(process.hrtime.bigint() - clients.originNs);
    assert.ok(operation('close').endedNs < now, 'the log and this process share a clock');
  });

  it('drives 64 connections at once, each with a stream of its own', async () => {
    peer = await Peer.listen('127.0.0.1', echo);
    const group = { as: 'load', host: '127.0.0.1', port: peer.port, count: 64, withinMs: WITHIN_MS };
    const outcomes = await clients.connect(group);
    assert.equal(outcomes.filter(({ outcome }) => outcome === 'connected').length, 64);
    assert.equal(outcomes[63]?.client, 'load#64');
    assert.equal(new Set(words(await clients.echo(['load'], 1000, WITHIN_MS))).size, 1);
    assert.equal(new Set(clients.operations.map((it) => it.connection)).size, 64);
    assert.equal(new Set(clients.operations.map((it) => it.id)).size, clients.operations.length);
  });

  it('lets a parallel step wait until some of a group are connected', async () => {
    peer = await Peer.listen('127.0.0.1', echo);
    const waiting = clients.waitForConnected('load', 3, WITHIN_MS);
    const group = {
      as: 'load',
      host: '127.0.0.1',
      port: peer.port,
      count: 4,
      atOnce: 1,
      withinMs: WITHIN_MS,
    };
    const [waited] = await Promise.all([waiting, clients.connect(group)]);
    assert.deepEqual(waited, [{ client: 'load', outcome: 'connected' }]);
    const [late] = await clients.waitForConnected('load', 5, 50);
    assert.deepEqual(late, { client: 'load', outcome: 'timeout', detail: '4 of 5 connected' });
  });

  it('connects over IPv6', async () => {
    await connected(echo, '::1');
    assert.equal(operation('connect').local?.family, 6);
  });

  it('sees a refused connection as refused', async () => {
    const { port } = (peer = await Peer.listen('127.0.0.1', echo));
    await peer.close();
    peer = undefined;
    const [outcome] = await clients.connect({ as: 'a', host: '127.0.0.1', port, withinMs: WITHIN_MS });
    assert.equal(outcome?.outcome, 'refused');
    assert.deepEqual(kinds(), ['connect refused']);
  });

  it('says at which byte an answer differs from what was sent', async () => {
    await connected((socket) => {
      socket.on('data', (chunk: Buffer) => {
        chunk[5] = chunk.readUInt8(5) ^ 1;
        socket.write(chunk);
      });
    });
    const [outcome] = await clients.echo(['a'], 10, WITHIN_MS);
    assert.equal(outcome?.outcome, 'mismatch');
    assert.match(outcome.detail ?? '', /^byte 5 /);
  });

  it('tells bytes of another connection from its own', async () => {
    peer = await Peer.listen('127.0.0.1', (socket) => {
      const other = (): Socket => peer!.sockets.find((it) => it !== socket)!;
      socket.on('data', (chunk: Buffer) => other().write(chunk));
    });
    await clients.connect({ as: 'a', host: '127.0.0.1', port: peer.port, count: 2, withinMs: WITHIN_MS });
    assert.deepEqual(words(await clients.echo(['a'], 100, WITHIN_MS)), ['mismatch', 'mismatch']);
  });

  it("logs the peer's FIN when it comes, and a step that waits for bytes ends with it", async () => {
    await connected((socket) => socket.once('data', () => socket.end('')));
    assert.deepEqual(words(await clients.echo(['a'], 10, WITHIN_MS)), ['eof']);
    assert.deepEqual(kinds(), ['connect ok', 'send ok', 'receive eof']);
    assert.deepEqual(words(await clients.waitForClosed(['a'], WITHIN_MS)), ['eof']);
  });

  it("logs the peer's RST, and sending after it is no success", async () => {
    const { sockets } = await connected(() => undefined);
    sockets[0]!.resetAndDestroy();
    assert.deepEqual(words(await clients.waitForClosed(['a'], WITHIN_MS)), ['reset']);
    assert.deepEqual(words(await clients.send(['a'], 10, WITHIN_MS)), ['reset']);
    assert.deepEqual(kinds(), ['connect ok', 'receive reset', 'send reset']);
  });

  it('half-closes: the peer sees the end and its answer still comes', async () => {
    const { seen } = await connected((socket) => {
      const kept: Buffer[] = [];
      socket.on('data', (chunk: Buffer) => kept.push(chunk));
      socket.on('end', () => socket.end(Buffer.concat(kept)));
    });
    await clients.send(['a'], 1000, WITHIN_MS);
    assert.deepEqual(words(await clients.halfClose(['a'], WITHIN_MS)), ['done']);
    assert.deepEqual(words(await clients.receive(['a'], undefined, WITHIN_MS)), ['received']);
    assert.deepEqual(words(await clients.waitForClosed(['a'], WITHIN_MS)), ['eof']);
    assert.deepEqual(seen, ['end']);
  });

  it('resets with RST and not with FIN', async () => {
    const { sockets, seen } = await connected(() => undefined);
    await clients.reset(['a'], WITHIN_MS);
    const socket = sockets[0]!;
    if (!socket.closed) await once(socket, 'close');
    assert.deepEqual(seen, ['ECONNRESET']);
  });

  it('leaves the bytes of a deaf client unread until a step reads', async () => {
    let isFlushed = false;
    peer = await Peer.listen('127.0.0.1', (socket) => {
      if (peer?.sockets.length === 1) socket.end(Buffer.alloc(64 << 20), () => (isFlushed = true));
      else echo(socket);
    });
    const { port } = peer;
    await clients.connect({ as: 'a', host: '127.0.0.1', port, deaf: true, withinMs: WITHIN_MS });
    await clients.connect({ as: 'b', host: '127.0.0.1', port, withinMs: WITHIN_MS });
    await clients.echo(['b'], 1 << 20, WITHIN_MS);
    assert.equal(isFlushed, false, 'more than the buffers of two sockets was taken');
    assert.deepEqual(words(await clients.waitForClosed(['a'], WITHIN_MS)), ['eof']);
    assert.equal(isFlushed, true);
  });

  it('ends a receive that gets nothing at its deadline, with how far it came', async () => {
    await connected((socket) => socket.once('data', (chunk: Buffer) => socket.write(chunk.subarray(0, 4))));
    await clients.send(['a'], 10, WITHIN_MS);
    const [outcome] = await clients.receive(['a'], 10, 100);
    assert.deepEqual(outcome, {
      client: 'a',
      outcome: 'timeout',
      detail: '4 of 10 bytes came within 100 ms',
    });
  });

  it('refuses to let a client vanish that has no address of its own', async () => {
    await connected(echo);
    assert.deepEqual(words(await clients.vanish(['a'], WITHIN_MS)), ['error']);
  });

  it('reports a step on clients that nobody connected', async () => {
    await assert.rejects(clients.close(['b'], WITHIN_MS), {
      code: 'LAB_CLIENT_FAILED',
      message: "a client failed: no clients named 'b'",
    });
  });
});

describe('Clients.start', () => {
  it('says why the worker did not start', async function () {
    this.timeout(30_000);
    await assert.rejects(
      Clients.start({ command: () => ['sh', '-c', 'echo no such network >&2; exit 7'] }),
      (error) => {
        assert.equal((error as { code: string }).code, 'LAB_CLIENTS_START');
        assert.match(String((error as Error).cause), /ended \(exit code 7\): no such network/);
        return true;
      },
    );
  });
});
