import assert from 'node:assert/strict';
import { UndoStack } from './undo.ts';

describe('UndoStack', () => {
  it('runs every undo, last first, even if another throws, and reports the failure by name', async () => {
    const order: string[] = [];
    const stack = new UndoStack();
    stack.push('first', () => void order.push('first'));
    stack.push('second', () => {
      throw new Error('busy');
    });
    stack.push('third', async () => void order.push('third'));
    await assert.rejects(async () => stack[Symbol.asyncDispose](), /undo of 'second' failed: Error: busy/);
    assert.deepEqual(order, ['third', 'first']);
  });

  it('leaves out what was dropped', async () => {
    const order: string[] = [];
    const stack = new UndoStack();
    for (const name of ['first', 'second']) stack.push(name, () => void order.push(name));
    stack.drop('first');
    await stack[Symbol.asyncDispose]();
    assert.deepEqual(order, ['second']);
  });

  it('does nothing once its undos are released to a successor', async () => {
    let undone = 0;
    const stack = new UndoStack();
    stack.push('stage', () => void undone++);
    const successor = stack.release();
    await stack[Symbol.asyncDispose]();
    assert.equal(undone, 0);
    await successor[Symbol.asyncDispose]();
    assert.equal(undone, 1);
  });
});
