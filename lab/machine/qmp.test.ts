import assert from 'node:assert/strict';
import { createServer, connect, type Server, type Socket } from 'node:net';
import { mkdtempSync, rmSync } from 'node:fs';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { QmpClient, type QmpEvent } from './qmp.ts';

const GREETING =
  '{"QMP": {"version": {"qemu": {"micro": 22, "minor": 2, "major": 7}, "package": ""}, "capabilities": []}}';

function idOf(line: string): string {
  return (JSON.parse(line) as { id: string }).id;
}

/** A QMP server on a unix socket: greets, accepts the negotiation, and then answers by the test's function. */
async function serve(
  folder: string,
  answer: (line: string, peer: Socket) => void,
  greeting = `${GREETING}\r\n`,
): Promise<{ server: Server; client: Socket }> {
  const server = createServer((peer) => {
    peer.write(greeting);
    let text = '';
    peer.on('data', (chunk) => {
      text += chunk.toString();
      const lines = text.split('\n');
      text = lines.pop()!;
      for (const line of lines)
        if (line.includes('qmp_capabilities')) peer.write(`{"return": {}, "id": "${idOf(line)}"}\r\n`);
        else answer(line, peer);
    });
    peer.on('error', () => undefined);
  });
  server.listen(join(folder, 'qmp'));
  await once(server, 'listening');
  return { server, client: connect(join(folder, 'qmp')) };
}

describe('QmpClient', () => {
  let folder: string;
  let server: Server | undefined;
  let stream: Socket | undefined;
  beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'qmp-'))));
  afterEach(() => {
    stream?.destroy();
    server?.close();
    rmSync(folder, { recursive: true });
  });

  async function open(answer: (line: string, peer: Socket) => void): Promise<QmpClient> {
    const served = await serve(folder, answer);
    server = served.server;
    stream = served.client;
    return await QmpClient.open(stream, 2_000);
  }

  it('hears a greeting that came to a paused stream before it listened', async () => {
    ({ server, client: stream } = await serve(folder, () => undefined));
    stream.pause();
    await once(stream, 'connect');
    const { version } = await QmpClient.open(stream, 5_000);
    assert.equal(version, '7.2.22');
  });

  it('knows the version of QEMU from its greeting', async () => {
    assert.equal((await open(() => undefined)).version, '7.2.22');
  });

  it('carries 64-bit integers whole, both ways', async () => {
    let sent = '';
    const qmp = await open((line, peer) => {
      sent = line;
      peer.write(`{"return": {"address": 18446744073709551615, "small": 7}, "id": "${idOf(line)}"}\n`);
    });
    const result = await qmp.execute('pmemsave', { val: 0xffff_8000_0000_0001n });
    assert.deepEqual(result, { address: 18446744073709551615n, small: 7 });
    assert.match(sent, /"val":18446603336221196289[,}]/);
  });

  it('gives each answer to its own request when they come in another order', async () => {
    const ids: string[] = [];
    const qmp = await open((line, peer) => {
      ids.push(idOf(line));
      if (ids.length === 2)
        for (const id of ids.reverse()) peer.write(`{"return": "for ${id}", "id": "${id}"}\n`);
    });
    const [first, second] = await Promise.all([qmp.execute('a'), qmp.execute('b')]);
    assert.deepEqual([first, second], ['for 2', 'for 3']);
  });

  it("rejects with QEMU's own words when QEMU refuses", async () => {
    const qmp = await open((line, peer) =>
      peer.write(`{"error": {"class": "CommandNotFound", "desc": "no such thing"}, "id": "${idOf(line)}"}\n`),
    );
    await assert.rejects(qmp.execute('nonsense'), {
      code: 'LAB_QMP_ERROR',
      message: 'QEMU refused: no such thing (CommandNotFound)',
    });
  });

  it('names the command that was not answered in time, and drops its late answer', async () => {
    let late: (() => void) | undefined;
    const qmp = await open((line, peer) => {
      const { id, execute } = JSON.parse(line) as { id: string; execute: string };
      if (execute === 'slow') late = () => peer.write(`{"return": "late", "id": "${id}"}\n`);
      else peer.write(`{"return": "prompt", "id": "${id}"}\n`);
    });
    await assert.rejects(qmp.execute('slow', {}, 20), {
      code: 'LAB_QMP_TIMEOUT',
      message: "QEMU did not answer the QMP command 'slow' within 20 ms",
    });
    late?.();
    assert.equal(await qmp.execute('fast'), 'prompt');
  });

  it('tells events with data and time', async () => {
    const stop =
      '{"timestamp": {"seconds": 3, "microseconds": 9}, "event": "STOP", "data": {"a": 9007199254740993}}';
    const qmp = await open((line, peer) => peer.write(`${stop}\n{"return": {}, "id": "${idOf(line)}"}\n`));
    const events: QmpEvent[] = [];
    qmp.on('event', (event) => events.push(event));
    await qmp.execute('stop');
    assert.deepEqual(events, [{ name: 'STOP', data: { a: 9007199254740993n }, timestampUs: 3_000_009 }]);
  });

  it('rejects what is under way, and all that follows, when QEMU closes', async () => {
    const qmp = await open((_, peer) => peer.destroy());
    await assert.rejects(qmp.execute('quit'), { code: 'LAB_QMP_CLOSED' });
    await qmp.closed;
    await assert.rejects(qmp.execute('again'), /'again' got no answer: QEMU closed the connection/);
  });

  it('gives up on a peer that does not speak QMP', async () => {
    const served = await serve(folder, () => undefined, 'SSH-2.0-OpenSSH\r\n');
    server = served.server;
    stream = served.client;
    await assert.rejects(QmpClient.open(stream, 2_000), /what is not QMP/);
  });

  it('gives up on a line without end', async () => {
    const qmp = await open((_, peer) => peer.write('x'.repeat(5 * 1024 * 1024)));
    await assert.rejects(qmp.execute('x'), /a line of more than 4194304 bytes/);
  });
});
