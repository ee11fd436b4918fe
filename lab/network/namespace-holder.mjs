/**
 * Holds a network namespace: the lab starts this inside a new one (see tap-network.ts). It sets up the tap device, says
 * so, and then opens TCP connections for the lab, handing over the connected sockets themselves. It ends when the lab
 * does. Plain JavaScript, so that it starts in 40 ms: loading TypeScript would cost 250 ms more.
 */
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { connect } from 'node:net';

const { tap, deviceOwner, ownDevices } = JSON.parse(process.argv[2]);

process.on('disconnect', () => process.exit(0));

try {
  if (ownDevices) provideDevices();
  const commands = [`tuntap add dev ${tap.interface} mode tap user ${deviceOwner}`, ...tap.commands];
  execFileSync('ip', ['-batch', '-'], { input: commands.join('\n') + '\n', stdio: ['pipe', 'pipe', 'pipe'] });
  process.send({ ready: true });
} catch (error) {
  process.send({ failed: String(error.stderr ?? '').trim() || error.message }, () => process.exit(1));
}

process.on('message', ({ id, host, port, timeoutMs }) => {
  const socket = connect({ host, port });
  // A byte read here would be lost: the other side starts reading when it has the socket.
  socket.pause();
  const fail = (code, message) => {
    socket.destroy();
    process.send({ id, code, message });
  };
  const timer = setTimeout(() => fail('ETIMEDOUT', `no answer within ${timeoutMs} ms`), timeoutMs);
  socket.once('error', (error) => {
    clearTimeout(timer);
    fail(error.code, error.message);
  });
  socket.once('connect', () => {
    clearTimeout(timer);
    socket.removeAllListeners('error').on('error', () => undefined);
    process.send({ id }, socket);
  });
});

/**
 * QEMU runs as a user without rights, and a host without udev has these devices for root only. In a mount namespace
 * of our own they get nodes that it can open; the host's stay as they are.
 */
function provideDevices() {
  const run = (program, ...args) => execFileSync(program, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  run('mount', '-t', 'tmpfs', '-o', 'mode=755,size=64k', 'wsklab', '/dev/net');
  run('mknod', '-m', '666', '/dev/net/tun', 'c', '10', '200');
  if (!existsSync('/dev/kvm')) return;
  run('mknod', '-m', '666', '/dev/net/kvm', 'c', '10', '232');
  run('mount', '--bind', '/dev/net/kvm', '/dev/kvm');
}
