import assert from 'node:assert/strict';
import { chosenNames } from './chosen-names.ts';

describe('names with commas between', () => {
  const names = ['kill-lab', 'kill-qemu', 'ctrl-c'];

  it('are all of them when none is given', () => {
    assert.deepEqual(chosenNames(undefined, names, 'fault'), names);
  });

  it('are taken in the order in which they are given', () => {
    assert.deepEqual(chosenNames('ctrl-c, kill-lab', names, 'fault'), ['ctrl-c', 'kill-lab']);
  });

  it('are refused when one is unknown, with the nearest and all that there are', () => {
    assert.throws(() => chosenNames('ctrl-c,kill-qemo', names, 'fault'), {
      code: 'LAB_USAGE',
      message: "no fault is called 'kill-qemo', did you mean 'kill-qemu'?",
      next: 'the faults are: kill-lab, kill-qemu, ctrl-c',
    });
  });
});
