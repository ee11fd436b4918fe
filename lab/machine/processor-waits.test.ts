import assert from 'node:assert/strict';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { ProcessorWaits } from './processor-waits.ts';

const DEADLINE_MS = 20_000;

describe('ProcessorWaits', () => {
  const children: ChildProcess[] = [];
  const start = (command: string, ...args: string[]) => {
    const child = spawn(command, args, { stdio: 'ignore' });
    children.push(child);
    return child.pid!;
  };
  afterEach(() => {
    for (const child of children.splice(0)) child.kill('SIGKILL');
  });

  it('are seen when two programs want the same processor', async () => {
    const one = /^Cpus_allowed_list:\s*(\d+)/m.exec(readFileSync('/proc/self/status', 'utf8'))![1]!;
    const busy = ['-c', one, 'sh', '-c', 'while :; do :; done'];
    const pid = start('taskset', ...busy);
    start('taskset', ...busy);
    using waits = new ProcessorWaits(pid, 50);
    const began = process.hrtime.bigint();
    await until(() => waits.waits.length >= 3, 'no waits were seen');
    for (const { fromNs, toNs } of waits.waits) assert.ok(began < toNs && fromNs < toNs);
    const [first, second] = waits.waits;
    assert.ok(first!.toNs <= second!.fromNs, 'waits of two periods overlap');
  });

  it('are no time of its own', async () => {
    const one = /^Cpus_allowed_list:\s*(\d+)/m.exec(readFileSync('/proc/self/status', 'utf8'))![1]!;
    const busy = ['-c', one, 'sh', '-c', 'while :; do :; done'];
    const pid = start('taskset', ...busy);
    for (let count = 0; count < 3; count++) start('taskset', ...busy);
    using waits = new ProcessorWaits(pid, 20);
    // taskset(1) may take its time to begin.
    await until(() => waits.waits.length > 0, 'no wait was seen');
    const before = totalMs(waits);
    const began = performance.now();
    await waits.ownTime().reach(200);
    const tookMs = performance.now() - began;
    const waitedMs = totalMs(waits) - before;
    assert.ok(waitedMs > 0 && tookMs >= 200 + waitedMs - 20, `${tookMs} ms with ${waitedMs} of waits`);
  });

  it('are none of a program that wants nothing, and none when it has ended', async () => {
    const pid = start('sleep', '60');
    await until(() => isAsleep(pid), 'sleep(1) does not sleep');
    using waits = new ProcessorWaits(pid, 20);
    await delay(200);
    assert.deepEqual(waits.waits, []);
    const ended = once(children[0]!, 'exit');
    children[0]!.kill('SIGKILL');
    await ended;
    // On a busy host it may have had to wait for a processor to end on.
    const atItsEnd = waits.waits.length;
    await delay(100);
    assert.equal(waits.waits.length, atItsEnd);
  });
});

async function until(isSo: () => boolean, otherwise: string): Promise<void> {
  for (const limit = performance.now() + DEADLINE_MS; !isSo(); await delay(5))
    assert.ok(performance.now() < limit, otherwise);
}

const totalMs = ({ waits }: ProcessorWaits): number =>
  waits.reduce((sum, { fromNs, toNs }) => sum + Number(toNs - fromNs) / 1e6, 0);

/** In sleep(1)'s own program, and not wanting a processor (proc(5): the state follows the name). */
function isAsleep(pid: number): boolean {
  return readFileSync(`/proc/${pid}/stat`, 'latin1').includes(' (sleep) S ');
}
