import assert from 'node:assert/strict';
import { setTimeout as delay } from 'node:timers/promises';
import type { DeployedDriver } from '../deploy/deploy-driver.ts';
import { ServiceError } from '../deploy/service.ts';
import { LabError } from '../errors.ts';
import type { BootedGuest } from '../guest/guest.ts';
import type { OwnTime } from '../machine/processor-waits.ts';
import { DriverService } from './driver-service.ts';

const WITHIN_MS = 50;
const STATES = { STOPPED: 1, STOP_PENDING: 3, RUNNING: 4 };

interface Conditions {
  /** How sc.exe start and stop end. */
  end?: () => Promise<void>;
  /** The host gives its guest one part in so many of the time. */
  stretch?: number;
  /** What sc.exe query says then. */
  state?: keyof typeof STATES;
  /** What was asked of the guest. */
  asked?: string[];
}

function service({ end = neverBack, stretch = 1, state = 'RUNNING', asked }: Conditions): DriverService {
  const driver = { service: 'mine', start: end, stop: end } as unknown as DeployedDriver;
  const exec = (command: string) => {
    asked?.push(command);
    const stdout = `SERVICE_NAME: mine\n        STATE              : ${STATES[state]}  ${state}\n`;
    return Promise.resolve({ stdout, stderr: '', exitCode: 0 });
  };
  const ownTime = (): OwnTime => {
    const began = performance.now();
    const leftMs = (ms: number) => began + ms * stretch - performance.now();
    return {
      hasReached: (ms) => leftMs(ms) <= 0,
      reach: (ms, signal) => delay(Math.max(leftMs(ms), 0), undefined, { signal }),
    };
  };
  return new DriverService({ exec } as unknown as BootedGuest, driver, { ownTime });
}

/** As startService and stopService say it. */
async function neverBack(): Promise<never> {
  await delay(WITHIN_MS + 5);
  throw new LabError({ code: 'LAB_SERVICE_TIMEOUT', blame: 'driver', message: 'did not come back' });
}

describe("the driver's service", () => {
  it('that does not come back is an answer, and a fault when the scenario ends', async () => {
    const asked: string[] = [];
    // It would be taken for stopped, had anybody to ask.
    const hung = service({ state: 'STOPPED', asked });
    assert.deepEqual(await hung.stop(WITHIN_MS), { ok: false, error: -1, text: 'did not come back' });
    await assert.rejects(hung.end(WITHIN_MS), { code: 'LAB_SERVICE_TIMEOUT', blame: 'driver' });
    assert.deepEqual(asked, []);
  });

  it('has time on its own clock, not on that of a host that is busy with others', async () => {
    const done = { ok: true, error: 0, text: '' };
    const late = { stretch: 4 };
    assert.deepEqual(await service({ ...late, state: 'RUNNING' }).start(WITHIN_MS), done);
    assert.deepEqual(await service({ ...late, state: 'STOPPED' }).stop(WITHIN_MS), done);
  });

  it('that has not come back then either is none the better for it', async () => {
    const began = performance.now();
    const { ok } = await service({ stretch: 4, state: 'STOP_PENDING' }).stop(WITHIN_MS);
    assert.equal(ok, false);
    assert.ok(performance.now() - began >= 4 * WITHIN_MS - 1);
  });

  it('that is refused is an answer with its Win32 error', async () => {
    const refused = () => Promise.reject(new ServiceError('mine', 'start', 577, 'no signature'));
    const { ok, error } = await service({ end: refused, stretch: 4 }).start(WITHIN_MS);
    assert.deepEqual([ok, error], [false, 577]);
  });
});
