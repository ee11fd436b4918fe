import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { AgentChannel } from './agent-channel.ts';
import { GuestEnd } from './agent-end.fixture.ts';
import { FRAME } from './agent-frame.ts';
import type { GuestGone } from './guest-gone.ts';
import { unlessHung, unlessStopped } from './heartbeat.ts';

const BEAT_MS = 20;
const never = new Promise<GuestGone>(() => undefined);
/** A process that has ended waits for no processor. */
const watched = (...evidence: string[]) => ({ pid: -1, evidence, beatMs: BEAT_MS });

describe('unlessHung', () => {
  let guest: GuestEnd;
  let agent: AgentChannel;
  beforeEach(() => {
    guest = new GuestEnd();
    agent = new AgentChannel(guest.host);
  });
  afterEach(() => guest.host.destroy());

  it('says that a guest hung whose agent answers no more', async () => {
    const gone = await unlessHung(never, agent, watched('console.log'));
    assert.deepEqual([gone.cause, gone.blame, gone.evidence], ['hung', 'guest', ['console.log']]);
    assert.match(gone.message, /^the guest hung: its agent said nothing for \d\.\d s$/);
    assert.ok(guest.received.length > 1);
  });

  it('leaves a guest alone that answers, and asks it only when it is silent', async () => {
    guest.onFrame = ({ request }) => guest.send(FRAME.OK, request);
    const end = unlessHung(never, agent, watched()).then(() => 'gone');
    assert.equal(await Promise.race([end, delay(BEAT_MS * 20, 'alive')]), 'alive');
    assert.ok(guest.received.length > 1);
  });

  it('does not count as silence what the lab itself does not take', async () => {
    guest.host.pause();
    const end = unlessHung(never, agent, watched()).then(() => 'gone');
    assert.equal(await Promise.race([end, delay(BEAT_MS * 20, 'alive')]), 'alive');
  });

  it('does not count as silence that the machine had no processor', async () => {
    const one = /^Cpus_allowed_list:\s*(\d+)/m.exec(readFileSync('/proc/self/status', 'utf8'))![1]!;
    const busy = ['-c', one, 'sh', '-c', 'while :; do :; done'];
    const programs = Array.from({ length: 4 }, () => spawn('taskset', busy, { stdio: 'ignore' }));
    try {
      const began = performance.now();
      await unlessHung(never, agent, { ...watched(), pid: programs[0]!.pid! });
      // A quarter of the processor is its own: sixteen beats without one more than twice as many with it.
      assert.ok(performance.now() - began > BEAT_MS * 16 * 2);
    } finally {
      for (const program of programs) program.kill('SIGKILL');
    }
  });

  it('hands on any other end', async () => {
    const stopped: GuestGone = { cause: 'stopped', blame: 'lab', message: 'x', evidence: [] };
    assert.equal(await unlessHung(Promise.resolve(stopped), agent, watched()), stopped);
  });
});

describe('unlessStopped', () => {
  const closed = new Promise<void>(() => undefined);
  const silentSince = (atMs: number, execute: () => Promise<never>) => ({
    get silentMs() {
      return performance.now() - atMs;
    },
    execute,
    closed,
  });

  it('blames the host for a QEMU that answers no more', async () => {
    let asked = 0;
    const qmp = silentSince(performance.now(), () => {
      asked++;
      return Promise.reject(new Error('late'));
    });
    const gone = await unlessStopped(never, qmp, watched('qemu.log'));
    assert.deepEqual([gone.cause, gone.blame, gone.evidence], ['hung', 'host', ['qemu.log']]);
    assert.match(gone.message, /^QEMU said nothing for \d\.\d s: it was stopped/);
    assert.ok(asked > 1);
  });

  it('leaves a QEMU alone that answers', async () => {
    let heardAtMs = performance.now();
    const qmp = {
      get silentMs() {
        return performance.now() - heardAtMs;
      },
      execute: <T>() => {
        heardAtMs = performance.now();
        return Promise.resolve({} as T);
      },
      closed,
    };
    const end = unlessStopped(never, qmp, watched()).then(() => 'gone');
    assert.equal(await Promise.race([end, delay(BEAT_MS * 20, 'alive')]), 'alive');
  });
});
