/** The driver under test's service as the steps of a scenario use it; refusals are answers, not errors. */
import type { DeployedDriver } from '../deploy/deploy-driver.ts';
import { deleteService, queryService, ServiceError } from '../deploy/service.ts';
import type { BootedGuest } from '../guest/guest.ts';
import { LabError } from '../errors.ts';
import type { ProcessorWaits } from '../machine/processor-waits.ts';
import { CONTROL_PROGRAM } from './ready-guest.ts';
import type { ScenarioService, ServiceAnswer } from './steps.ts';

/** What `verb` of sc.exe leads to. */
const STATE_AFTER = { start: 'RUNNING', stop: 'STOPPED' } as const;

export class DriverService implements ScenarioService {
  readonly #guest: BootedGuest;
  readonly #driver: DeployedDriver;
  readonly #waits: Pick<ProcessorWaits, 'ownTime'>;
  #isRunning = false;
  #isDeleted = false;
  /** A stop that never came back: there is no use in another one. */
  #stuck: LabError | undefined;

  constructor(guest: BootedGuest, driver: DeployedDriver, waits: Pick<ProcessorWaits, 'ownTime'>) {
    this.#guest = guest;
    this.#driver = driver;
    this.#waits = waits;
  }

  async start(withinMs: number): Promise<ServiceAnswer> {
    const answer = await answered(this.#inOwnTime('start', withinMs));
    this.#isRunning = answer.ok;
    return answer;
  }

  async stop(withinMs: number): Promise<ServiceAnswer> {
    const answer = await answered(this.#inOwnTime('stop', withinMs), (error) => (this.#stuck = error));
    if (answer.ok) this.#isRunning = false;
    return answer;
  }

  async delete(): Promise<ServiceAnswer> {
    const answer = await answered(deleteService(this.#guest, this.#driver.service));
    this.#isDeleted = answer.ok;
    return answer;
  }

  async control(command: string, withinMs: number): Promise<ServiceAnswer> {
    const { exitCode, stdout, stderr } = await this.#guest.exec(
      `${CONTROL_PROGRAM} ${this.#driver.service} ${command}`,
      { timeoutMs: withinMs },
    );
    const text = `${stdout}${stderr}`.trim();
    return { ok: exitCode === 0, error: exitCode ?? -1, text };
  }

  /** Stops and deletes what the steps have left. */
  async end(withinMs: number): Promise<void> {
    if (this.#stuck) throw this.#stuck;
    if (this.#isRunning) await this.#inOwnTime('stop', withinMs);
    if (!this.#isDeleted) await deleteService(this.#guest, this.#driver.service);
  }

  /** A driver that does not come back has had so much time of its own: what the host kept from its guest is given back. */
  async #inOwnTime(verb: keyof typeof STATE_AFTER, withinMs: number): Promise<void> {
    const own = this.#waits.ownTime();
    try {
      await this.#driver[verb](withinMs);
    } catch (error) {
      if (!isServiceTimeout(error) || own.hasReached(withinMs)) throw error;
      await own.reach(withinMs);
      const status = await queryService(this.#guest, this.#driver.service).catch(() => undefined);
      if (status?.state !== STATE_AFTER[verb]) throw error;
    }
  }
}

async function answered(
  work: Promise<void>,
  onTimeout: (error: LabError) => void = () => undefined,
): Promise<ServiceAnswer> {
  try {
    await work;
    return { ok: true, error: 0, text: '' };
  } catch (error) {
    if (error instanceof ServiceError) return { ok: false, error: error.win32Code, text: error.message };
    if (!isServiceTimeout(error)) throw error;
    onTimeout(error);
    return { ok: false, error: -1, text: error.message };
  }
}

const isServiceTimeout = (error: unknown): error is LabError =>
  error instanceof LabError && error.code === 'LAB_SERVICE_TIMEOUT';
