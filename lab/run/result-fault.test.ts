import assert from 'node:assert/strict';
import { LabError } from '../errors.ts';
import { faultOf } from './result-fault.ts';

const labError = (code: `LAB_${string}`, cause?: unknown) =>
  new LabError({ code, blame: 'host', message: `it is ${code}`, ...(cause !== undefined && { cause }) });

describe('the fault of a run', () => {
  it('is the first error, not that of an undo after it', () => {
    const work = () => {
      using _ = {
        [Symbol.dispose]: () => {
          throw new Error('undo');
        },
      };
      throw labError('LAB_QEMU_START');
    };
    assert.throws(work, (error) => faultOf(error).code === 'LAB_QEMU_START');
  });

  it('is what made a wait end', () => {
    const error = new Error('The operation was aborted', { cause: labError('LAB_INTERRUPTED') });
    assert.equal(faultOf(error).code, 'LAB_INTERRUPTED');
  });

  it('is a defect of the lab where nobody thought of the error', () => {
    const { code, blame, message } = faultOf(new TypeError('x is not a function'));
    assert.deepEqual([code, blame], ['LAB_UNEXPECTED', 'lab']);
    assert.match(message, /x is not a function/);
  });

  describe('after a Ctrl-C', () => {
    const stop = new AbortController();
    stop.abort(labError('LAB_INTERRUPTED'));

    it('is the Ctrl-C, when a child that ended by it is all that was seen', () => {
      assert.equal(faultOf(new Error('The service was stopped'), stop.signal).code, 'LAB_INTERRUPTED');
      assert.equal(faultOf(new Error('it'), new AbortController().signal).code, 'LAB_UNEXPECTED');
    });

    it('is still what has a name', () => {
      assert.equal(faultOf(labError('LAB_DRIVER_CRASH'), stop.signal).code, 'LAB_DRIVER_CRASH');
    });
  });
});
