/** Needs network namespaces, as the guest's network does; the peer is a host's own TCP stack. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createInterface, type Interface } from 'node:readline';
import { execa } from 'execa';
import { Clients } from './client-driver.ts';

const WITHIN_MS = 20_000;

/** Two namespaces with a cable between them; in the far one an echo server that prints what ends it sees. */
const SET_UP = `
  set -e
  export PATH="$PATH:/usr/sbin:/sbin"
  ip link set lo up
  ip link add near type veth peer name far
  exec 3<&0 # what runs in the background has no standard input unless it is given one
  unshare --net -- "$1" -e "$2" <&3 &
  peer=$!
  while kill -0 $peer && [ "$(readlink /proc/$peer/ns/net)" = "$(readlink /proc/self/ns/net)" ]; do :; done
  ip link set far netns $peer
  ip address add 10.77.0.1/24 dev near; ip address add fd77::1/64 dev near nodad; ip link set near up
  nsenter --target $peer --net -- sh -c '
    ip link set lo up; ip address add 10.77.0.2/24 dev far; ip address add fd77::2/64 dev far nodad; ip link set far up'
  echo ready $$
  wait $peer
`;
const SERVER = `
  require('node:net').createServer({ allowHalfOpen: true }, (socket) => {
    socket.on('error', ({ code }) => console.log('saw', code)).on('end', () => console.log('saw end'));
    socket.pipe(socket, { end: false });
  }).listen(7, '::');
  process.stdin.on('close', () => process.exit()).resume();
`;

describe('a client that vanishes', function () {
  this.timeout(60_000);

  async function lineWith(lines: Interface, word: string): Promise<string> {
    for (;;) {
      const [line] = (await once(lines, 'line')) as [string];
      if (line.includes(word)) return line;
    }
  }

  for (const host of ['10.77.0.2', 'fd77::2']) {
    it(`sends neither FIN nor RST to ${host}, not even when its process ends`, async () => {
      const namespace = process.getuid?.() === 0 ? ['--net'] : ['--user', '--map-root-user', '--net'];
      const network = execa(
        'unshare',
        [...namespace, 'bash', '-c', SET_UP, 'set-up', process.execPath, SERVER],
        {
          stdin: 'pipe',
          buffer: false,
          reject: false,
        },
      );
      try {
        const lines = createInterface({ input: network.stdout });
        const seen: string[] = [];
        lines.on('line', (line) => seen.push(line));
        const pid = (await lineWith(lines, 'ready')).split(' ')[1]!;
        const user = namespace.includes('--user') ? ['--user', '--preserve-credentials'] : [];
        const start = (): Promise<Clients> =>
          Clients.start({ command: (argv) => ['nsenter', '--target', pid, ...user, '--net', '--', ...argv] });

        const vanishing = await start();
        const connect = { host, port: 7, withinMs: WITHIN_MS };
        await vanishing.connect({ ...connect, as: 'a', ownAddress: true });
        assert.deepEqual(await vanishing.echo(['a'], 1000, WITHIN_MS), [
          { client: 'a', outcome: 'received' },
        ]);
        assert.deepEqual(await vanishing.vanish(['a'], WITHIN_MS), [{ client: 'a', outcome: 'done' }]);
        await vanishing[Symbol.asyncDispose]();

        // A FIN of the vanished one would have come before this one's.
        const other = await start();
        await other.connect({ ...connect, as: 'b' });
        const ended = lineWith(lines, 'saw');
        await other.close(['b'], WITHIN_MS);
        await ended;
        await other[Symbol.asyncDispose]();
        assert.deepEqual(seen.slice(1), ['saw end']);
      } finally {
        network.stdin.end();
        await network;
      }
    });
  }
});
