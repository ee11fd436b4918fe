import assert from 'node:assert/strict';
import fc from 'fast-check';
import { TraceClock } from './trace-clock.ts';

describe('TraceClock', () => {
  it('places the begin between the question and the answer', () => {
    const clock = new TraceClock(1_000n, 1_800n);
    assert.deepEqual([clock.startNs, clock.errorNs], [1_400n, 400]);
  });

  it('is narrowed by what the host asked for, and by what had come', () => {
    const clock = new TraceClock(1_000n, 1_800n);
    clock.followed(5_000, 6_100n);
    clock.preceded(7_000, 8_300n);
    assert.deepEqual([clock.startNs, clock.errorNs], [1_200n, 100]);
  });

  it('is not widened by what says less', () => {
    const clock = new TraceClock(1_000n, 1_800n);
    clock.followed(5_000, 5_900n);
    clock.preceded(7_000, 9_000n);
    assert.deepEqual([clock.startNs, clock.errorNs], [1_400n, 400]);
  });

  it('holds the true begin within its error, whatever took how long', () => {
    const ns = fc.nat(1_000_000);
    fc.assert(
      fc.property(ns, ns, ns, fc.array(fc.tuple(ns, ns)), fc.array(fc.tuple(ns, ns)), (...drawn) => {
        const [begin, before, after, asked, come] = drawn;
        const clock = new TraceClock(BigInt(begin - before), BigInt(begin + after));
        for (const [time, delay] of asked) clock.followed(time, BigInt(begin + time - delay));
        for (const [time, delay] of come) clock.preceded(time, BigInt(begin + time + delay));
        assert.ok(Math.abs(Number(clock.startNs) - begin) <= clock.errorNs + 1);
      }),
    );
  });
});
