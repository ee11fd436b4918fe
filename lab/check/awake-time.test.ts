import assert from 'node:assert/strict';
import fc from 'fast-check';
import { AwakeTime } from './awake-time.ts';

describe('awake time', () => {
  it('is the time itself without stalls', () => {
    const awake = new AwakeTime();
    assert.equal(awake.at(12), 12);
    assert.equal(awake.timeOf(12), 12);
  });

  it('stands still in a stall, and goes on after it', () => {
    const awake = new AwakeTime([{ from: 10, to: 30 }]);
    assert.deepEqual(
      [5, 10, 20, 30, 31].map((time) => awake.at(time)),
      [5, 10, 10, 10, 11],
    );
  });

  it('counts no stall twice, in whatever order they come', () => {
    const awake = new AwakeTime([
      { from: 40, to: 50 },
      { from: 10, to: 30 },
      { from: 20, to: 35 },
    ]);
    assert.equal(awake.at(100), 100 - 25 - 10);
  });

  it('leads back to the first time at which the guest had been awake for so long', () => {
    const awake = new AwakeTime([
      { from: 10, to: 30 },
      { from: 40, to: 50 },
    ]);
    for (const time of [5, 9, 31, 39, 51, 99]) assert.equal(awake.timeOf(awake.at(time)), time);
  });

  it('is found by halving as it is by counting', () => {
    const stall = fc.record({ from: fc.nat(1000), length: fc.integer({ min: 1, max: 50 }) });
    fc.assert(
      fc.property(fc.array(stall), fc.nat(2000), (drawn, time) => {
        const awake = new AwakeTime(drawn.map(({ from, length }) => ({ from, to: from + length })));
        const isAsleep = (at: number) => drawn.some(({ from, length }) => from <= at && at < from + length);
        let counted = 0;
        for (let at = 0; at < time; at++) if (!isAsleep(at)) counted++;
        assert.equal(awake.at(time), counted);
        assert.equal(awake.at(awake.timeOf(counted)), counted);
      }),
    );
  });
});
