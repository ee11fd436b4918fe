import assert from 'node:assert/strict';
import { AgentChannel } from './agent-channel.ts';
import { GuestEnd } from './agent-end.fixture.ts';
import { BootedGuest, type GuestParts } from './guest.ts';
import { connectSsh } from './ssh.ts';
import { TestSshServer } from './ssh-server.fixture.ts';

describe('a guest that is booted for ssh only', () => {
  it('never asks its agent, which may be of another version, for commands and files', async () => {
    await using server = await TestSshServer.start(({ command, channel }) => {
      channel.write(`by ssh: ${command}`);
      channel.exit(0);
      channel.end();
    });
    const end = new GuestEnd();
    await using guest = new BootedGuest({
      image: { name: 'some', capabilities: [] as readonly string[] },
      ...{ agent: new AgentChannel(end.host), sshOnly: true, gone: new Promise(() => undefined) },
      connect: (timeoutMs = 5_000) => connectSsh(server.settings, server.dial, timeoutMs),
      close: () => Promise.resolve(),
    } as GuestParts);
    assert.equal((await guest.exec('sc.exe query x')).stdout, 'by ssh: sc.exe query x');
    await guest.put(Buffer.from('content'), 'C:\\lab\\file');
    assert.equal(server.files.get('/C:/lab/file')?.toString(), 'content');
    assert.deepEqual(end.received, []);
  });
});
