import assert from 'node:assert/strict';
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { LabError } from '../errors.ts';
import { errorLines } from './print-error.ts';

const thrownBy = async (action: () => Promise<unknown>): Promise<unknown> =>
  await action().then(
    () => assert.fail('it was not ended'),
    (error: unknown) => error,
  );

describe('errors on the terminal', () => {
  it('say what, whose, why, where to look and what to do', () => {
    const error = new LabError({
      ...{ code: 'LAB_BUILD_FAILED', blame: 'host', message: 'make ended with 2', next: 'install clang' },
      ...{ cause: new Error('clang: not found'), evidence: ['/tmp/build.log'] },
    });
    assert.match(errorLines(error)[0]!, /LAB_BUILD_FAILED \(blame: host\): make ended with 2$/);
    assert.deepEqual(errorLines(error).slice(1), [
      '  because: clang: not found',
      '  see: /tmp/build.log',
      '  next: install clang',
    ]);
  });

  it("name the interruption when one of Node's own waits was ended by it", async () => {
    const interrupted = new LabError({
      code: 'LAB_INTERRUPTED',
      blame: 'usage',
      message: 'ended by SIGINT',
    });
    const stop = new AbortController();
    const { signal } = stop;
    const waits = [
      thrownBy(() => delay(60_000, undefined, { signal: AbortSignal.any([signal]) })),
      thrownBy(() => once(new EventTarget(), 'never', { signal })),
    ];
    stop.abort(interrupted);
    for (const error of await Promise.all(waits)) {
      assert.equal((error as Error).name, 'AbortError');
      assert.deepEqual(errorLines(error), errorLines(interrupted));
    }
  });

  it('ask for a report of what nobody thought of', () => {
    const lines = errorLines(new TypeError('x is not a function'));
    assert.match(lines[0]!, /LAB_UNEXPECTED: TypeError: x is not a function/);
    assert.match(lines.at(-1)!, /please report it/);
  });
});
