import assert from 'node:assert/strict';
import { createServer } from 'node:net';
import { once } from 'node:events';
import { forwardedPort, UserNetwork } from './user-network.ts';

/** As QEMU 7.2 prints it. */
const TABLE = `Hub -1 (net0):
  Protocol[State]    FD  Source Address  Port   Dest. Address  Port RecvQ SendQ
  TCP[HOST_FORWARD]  19       127.0.0.1 34567       10.0.2.15    22     0     0
  TCP[ESTABLISHED]   21       127.0.0.1 41111       10.0.2.15  5001     0     0
  TCP[HOST_FORWARD]  20       127.0.0.1 40001       10.0.2.15  5001     0     0
`;

describe('forwardedPort', () => {
  it("reads the host's port for a guest's port, and takes no connection for a forward", () => {
    assert.equal(forwardedPort(TABLE, 22), 34567);
    assert.equal(forwardedPort(TABLE, 5001), 40001);
  });

  it('finds nothing for a port that is not forwarded', () => {
    assert.equal(forwardedPort(TABLE, 23), undefined);
  });
});

describe('UserNetwork', () => {
  it('asks QEMU once for each port', async () => {
    const network = new UserNetwork('a test asks for it');
    const lines: string[] = [];
    network.attach(async (line) => {
      lines.push(line);
      return line === 'info usernet' ? TABLE : '';
    });
    for (const _ of [1, 2])
      assert.deepEqual(await network.endpoint({ port: 5001, family: 'ipv4' }), {
        host: '127.0.0.1',
        port: 40001,
      });
    assert.deepEqual(lines, ['hostfwd_add net0 tcp:127.0.0.1:0-10.0.2.15:5001', 'info usernet']);
  });

  it('refuses IPv6, and says why it is not a tap device', async () => {
    const network = new UserNetwork('there is no /dev/net/tun');
    assert.deepEqual(network.capabilities, { ipv6: false, concurrency: 1, realTcp: false });
    await assert.rejects(network.endpoint({ port: 1, family: 'ipv6' }), {
      code: 'LAB_NETWORK_CANNOT',
      message: 'user-mode networking has no IPv6 (it is used because there is no /dev/net/tun)',
    });
  });

  it("gives QEMU's reason when a port cannot be forwarded", async () => {
    const network = new UserNetwork('a test asks for it');
    network.attach(async (line) =>
      line === 'info usernet' ? TABLE : 'Could not set up host forwarding rule',
    );
    await assert.rejects(network.endpoint({ port: 80, family: 'ipv4' }), {
      code: 'LAB_PORT_FORWARD',
      message:
        /did not forward a port of 127\.0\.0\.1 to the guest's port 80: Could not set up host forwarding rule/,
    });
  });

  it('connects through the forwarded port', async () => {
    const server = createServer((socket) => socket.end('banner')).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as { port: number };
    try {
      const network = new UserNetwork('a test asks for it');
      network.attach(async () => TABLE.replaceAll('34567', `${port}`));
      const socket = await network.dial({ port: 22, family: 'ipv4' }, 2_000);
      const [banner] = (await once(socket, 'data')) as [Buffer];
      assert.equal(banner.toString(), 'banner');
      socket.destroy();
    } finally {
      server.close();
    }
  });
});
