import assert from 'node:assert/strict';
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
});
