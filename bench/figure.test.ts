import assert from 'node:assert/strict';
import { figure, figureLine, median } from './figure.ts';

describe('figures of the bench', () => {
  it('are compared with a baseline of the same run', () => {
    const { ratio } = figure('boot', 300, 'ms', { name: 'to ssh', value: 200 });
    assert.equal(ratio, 1.5);
    assert.equal(figure('boot', 300, 'ms').baseline, null);
  });

  it('are one line each, with unit, ratio and baseline', () => {
    const line = figureLine(figure('boot', 12345.678, 'ms', { name: 'to ssh', value: 10000 }));
    assert.match(line, /^boot +12350 ms {2}1\.235 × to ssh \(10000\)$/);
    assert.match(figureLine(figure('boot', 5, 'ms')), /^boot +5 ms$/);
  });

  it('are medians: the middle one, or what lies between the middle two', () => {
    assert.equal(median([9, 1, 5]), 5);
    assert.equal(median([8, 2, 4, 100]), 6);
  });
});
