import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { LabError } from '../errors.ts';
import { processStartTime } from '../machine/process-identity.ts';
import { openNetwork } from './open-network.ts';
import { openTapNetwork, type TapNetwork } from './tap-network.ts';

async function inside(network: TapNetwork, ...command: string[]): Promise<string> {
  const [program, ...args] = network.command(command) as [string, ...string[]];
  return (await execa(program, args, { env: { PATH: `${process.env['PATH']}:/usr/sbin:/sbin` } })).stdout;
}

describe('TapNetwork', function () {
  this.timeout(20_000);
  let network: TapNetwork;
  before(async function () {
    try {
      await (await openTapNetwork())[Symbol.asyncDispose]();
    } catch (error) {
      if (!(error instanceof LabError) || error.code !== 'LAB_TAP_UNAVAILABLE') throw error;
      console.log(`      not looked at: ${error.message}; ${error.next}`);
      this.skip();
    }
  });
  beforeEach(async () => (network = await openTapNetwork()));
  afterEach(async () => await network?.[Symbol.asyncDispose]());

  it('has both families ready at once, and no way out', async () => {
    const addresses = await inside(network, 'ip', '-oneline', 'address', 'show', 'dev', 'tap0');
    assert.match(addresses, /inet 10\.77\.0\.1\/24/);
    assert.match(addresses, /inet6 fd77::1\/64/);
    assert.doesNotMatch(addresses, /tentative/);
    assert.doesNotMatch(await inside(network, 'ip', 'route'), /default/);
    assert.doesNotMatch(await inside(network, 'ip', '-oneline', 'link'), /: (?!lo|tap0)\w+:/);
  });

  it("is not the host's network", async () => {
    const here = (await execa('readlink', ['/proc/self/ns/net'])).stdout;
    assert.notEqual(await inside(network, 'readlink', '/proc/self/ns/net'), here);
  });

  it('gives two guests networks of their own with the same addresses', async () => {
    await using other = await openTapNetwork();
    const namespaces = await Promise.all(
      [network, other].map((each) => inside(each, 'readlink', '/proc/self/ns/net')),
    );
    assert.notEqual(namespaces[0], namespaces[1]);
  });

  it('hands over connections, and loses nothing that the peer said at once', async () => {
    // The test's peer listens at the host's end, where there is no guest.
    const listen =
      "require('net').createServer((s) => s.end('banner')).listen(99, '10.77.0.1', () => console.log('listening'))";
    const [program, ...args] = network.command([process.execPath, '-e', listen]) as [string, ...string[]];
    const peer = spawn(program, args, { stdio: ['ignore', 'pipe', 'inherit'] });
    try {
      await once(peer.stdout, 'data');
      network.endpoint = async () => ({ host: '10.77.0.1', port: 99 });
      for (let count = 0; count < 5; count++) {
        const socket = await network.dial({ port: 99, family: 'ipv4' }, 2_000);
        let text = '';
        for await (const chunk of socket) text += String(chunk);
        assert.equal(text, 'banner');
      }
    } finally {
      peer.kill();
      await once(peer, 'exit');
    }
  });

  it('says which port of the guest did not answer, and within which time', async () => {
    await assert.rejects(network.dial({ port: 22, family: 'ipv4' }, 50), {
      code: 'LAB_DIAL_TIMEOUT',
      message: "no TCP connection to the guest's port 22 (10.77.0.2): no answer within 50 ms",
    });
    await assert.rejects(network.dial({ port: 22, family: 'ipv6' }, 50), { code: 'LAB_DIAL_TIMEOUT' });
  });

  it('tells that it is lost when its holder dies, and rejects what is under way', async () => {
    const dial = network.dial({ port: 22, family: 'ipv4' }, 60_000);
    process.kill(network.holderPid!, 'SIGKILL');
    assert.match(await network.lost, /the process that held the network ended \(SIGKILL\)/);
    await assert.rejects(dial, { code: 'LAB_DIAL_FAILED' });
  });

  it('ends with the lab, also when the lab is killed with SIGKILL', async () => {
    const script = fileURLToPath(new URL('lab-to-kill.fixture.ts', import.meta.url));
    const lab = spawn(process.execPath, ['--import', 'tsx', script], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const [line] = (await once(lab.stdout, 'data')) as [Buffer];
    const processes = line.toString().trim().split(' ').map(Number);
    assert.equal(processes.length, 2);
    for (const pid of processes) assert.notEqual(processStartTime(pid), undefined);
    lab.kill('SIGKILL');
    await once(lab, 'exit');
    const deadline = Date.now() + 2_000;
    while (processes.some((pid) => processStartTime(pid) !== undefined)) {
      assert.ok(Date.now() < deadline, `a process of ${processes.join(', ')} lives 2 s after its lab`);
      await delay(10);
    }
  });
});

describe('openNetwork', () => {
  it('takes user networking when it is asked for, and says so', async () => {
    await using network = await openNetwork('user');
    assert.deepEqual([network.kind, network.reason], ['user', 'it was asked for']);
  });
});
