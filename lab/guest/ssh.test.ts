import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, connect } from 'node:net';
import { PassThrough } from 'node:stream';
import { connectSsh } from './ssh.ts';
import { TestSshServer, type TestCommand } from './ssh-server.fixture.ts';

function runCommand({ command, channel }: TestCommand): void {
  if (command === 'both') {
    channel.write('out\r\n');
    channel.stderr.write('err\r\n');
    channel.exit(7);
    channel.end();
  } else if (command === 'flood') {
    channel.end(Buffer.alloc(300_000, 'x'));
    channel.exit(0);
  } else if (command === 'die') {
    channel.exit('KILL');
    channel.end();
  } else if (command === 'shell') {
    channel.on('data', (chunk: Buffer) => {
      channel.write(`you said ${chunk.toString()}`);
      channel.exit(3);
      channel.end();
    });
  }
  // Anything else never ends.
}

describe('connectSsh', () => {
  let server: TestSshServer;
  beforeEach(async () => (server = await TestSshServer.start(runCommand)));
  afterEach(async () => await server[Symbol.asyncDispose]());

  it('keeps stdout, stderr and the exit code apart', async () => {
    await using ssh = await connectSsh(server.settings, server.dial, 5_000);
    assert.deepEqual(await ssh.exec('both'), {
      ...{ stdout: 'out\r\n', stderr: 'err\r\n' },
      ...{ exitCode: 7, signal: undefined, truncated: false },
    });
  });

  it('gives the signal of a command that was ended by one', async () => {
    await using ssh = await connectSsh(server.settings, server.dial, 5_000);
    const { exitCode, signal } = await ssh.exec('die');
    assert.deepEqual([exitCode, signal], [undefined, 'SIGKILL']);
  });

  it('keeps the beginning of endless output, and says that it did', async () => {
    await using ssh = await connectSsh(server.settings, server.dial, 5_000);
    const { stdout, truncated } = await ssh.exec('flood', { maxOutputBytes: 1000 });
    assert.deepEqual([stdout.length, truncated], [1000, true]);
  });

  it('names the command that did not end in time, and can run the next one', async () => {
    await using ssh = await connectSsh(server.settings, server.dial, 5_000);
    await assert.rejects(ssh.exec('ping -t', { timeoutMs: 30 }), {
      code: 'LAB_EXEC_TIMEOUT',
      message: "the command 'ping -t' did not end in the guest within 30 ms",
    });
    assert.equal((await ssh.exec('both')).exitCode, 7);
  });

  it('says what was under way when the connection was cut', async () => {
    await using ssh = await connectSsh(server.settings, server.dial, 5_000);
    const command = ssh.exec('hang');
    while (server.sockets.size === 0) await new Promise(setImmediate);
    for (const socket of server.sockets) socket.destroy();
    await assert.rejects(command, { code: 'LAB_SSH_CLOSED', message: /cut while 'hang' was under way/ });
    await assert.rejects(ssh.exec('both'), { code: 'LAB_SSH_CLOSED' });
  });

  it('refuses a host key that is not the pinned one, at once', async () => {
    await using other = await TestSshServer.start(runCommand);
    const settings = { ...server.settings, hostKey: other.settings.hostKey };
    await assert.rejects(connectSsh(settings, server.dial, 60_000), { code: 'LAB_SSH_HOST_KEY' });
  });

  it('does not go on trying when the guest refuses the key', async () => {
    await using other = await TestSshServer.start(runCommand);
    const settings = { ...server.settings, privateKey: other.settings.privateKey };
    await assert.rejects(connectSsh(settings, server.dial, 60_000), { code: 'LAB_SSH_AUTH' });
  });

  it('tries again until the guest is there', async () => {
    let tries = 0;
    const dial = async () => {
      if (++tries < 3) throw new Error('ECONNREFUSED');
      return await server.dial();
    };
    await using ssh = await connectSsh(server.settings, dial, 10_000);
    assert.equal((await ssh.exec('both')).exitCode, 7);
    assert.equal(tries, 3);
  });

  it('bounds the handshake with a port that accepts and says nothing', async () => {
    const mute = createServer(() => undefined).listen(0, '127.0.0.1');
    await once(mute, 'listening');
    const { port } = mute.address() as { port: number };
    try {
      await assert.rejects(
        connectSsh(server.settings, async () => connect(port, '127.0.0.1'), 200),
        {
          code: 'LAB_SSH_TIMEOUT',
          message: /no ssh connection to the guest within 200 ms \(last try: the ssh handshake/,
        },
      );
    } finally {
      mute.close();
    }
  });

  it('gives up on a guest that never listens, with the last reason', async () => {
    const dial = async () => {
      throw new Error('connect ECONNREFUSED 10.77.0.2:22');
    };
    await assert.rejects(connectSsh(server.settings, dial, 150), {
      code: 'LAB_SSH_TIMEOUT',
      message: 'no ssh connection to the guest within 150 ms (last try: connect ECONNREFUSED 10.77.0.2:22)',
    });
  });

  it('closes at once, also when the guest no longer answers', async () => {
    const ssh = await connectSsh(server.settings, server.dial, 5_000);
    for (const socket of server.sockets) socket.pause();
    const command = ssh.exec('hang');
    const closed = ssh[Symbol.asyncDispose]();
    await assert.rejects(command, { message: /the lab closed it/ });
    await closed;
    assert.equal(await ssh.closed, 'the lab closed it');
  });

  it('joins a person to a shell', async () => {
    await using ssh = await connectSsh(server.settings, server.dial, 5_000);
    const [stdin, stdout] = [new PassThrough(), new PassThrough()];
    stdin.write('ver\r');
    assert.equal(await ssh.shell(stdin, stdout, { rows: 24, columns: 80 }), 3);
    assert.equal(String(stdout.read()), 'you said ver\r');
  });
});
