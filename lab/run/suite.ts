/**
 * Scenarios as Mocha tests: scenario × seed = one test on the guest. Filters, reporters and time-outs are Mocha's;
 * a guest that a driver has taken down is replaced by a new one before the next test.
 */
import Mocha from 'mocha';
import type { Rule } from '../check/rule.ts';
import type { LabConfig } from '../config/lab-config.ts';
import { LabError } from '../errors.ts';
import { judge, type RunOutcome } from '../report/outcome.ts';
import type { ScenarioRun } from '../report/run-result.ts';
import { faultOf } from './result-fault.ts';
import type { GuestSession } from './guest-session.ts';
import type { RunFolder } from './run-folder.ts';
import { runScenario } from './run-scenario.ts';
import { REQUIREMENTS, type Requirement, type Scenario } from './scenario.ts';

export interface SuiteOptions {
  scenarios: readonly Scenario[];
  /** Instead of each scenario's own. */
  seeds: readonly number[] | undefined;
  driver: string | undefined;
  /** Boots a guest; called for the first scenario, and again after one that took the guest down. */
  startGuest: (ordinal: number) => Promise<GuestSession>;
  folder: RunFolder;
  rules: readonly Rule[];
  config: LabConfig;
  grep: string | undefined;
  signal: AbortSignal;
  /** The scenario begins, as the nth of so many that the filter has left. */
  onBegin?: (scenario: Scenario, ordinal: number, total: number) => void;
  onStep?: (label: string) => void;
  onResult: (run: ScenarioRun) => void;
}

/** How much longer than its own limit a scenario's test may take: deploying, ending, judging, a new guest. */
const MARGIN_MS = 600_000;
/** What a person must look at; anything else is counted as passed. */
const RED: readonly RunOutcome[] = ['violated', 'failed', 'fault', 'inconclusive'];

/** Runs them; the results come by `onResult`, in order. Mocha's own output is left to the caller. */
export async function runSuite(options: SuiteOptions): Promise<void> {
  const mocha = new Mocha({ reporter: Silent, ...(options.grep !== undefined && { grep: options.grep }) });
  const suite = Mocha.Suite.create(mocha.suite, 'scenarios');
  const guests = new Guests(options);
  let runner: Mocha.Runner;
  let begun = 0;
  for (const scenario of options.scenarios) {
    for (const seed of options.seeds ?? scenario.seeds) {
      const title = `${scenario.id}${scenario.seeds.length > 1 ? ` (seed ${seed})` : ''}: ${scenario.name}`;
      const test = new Mocha.Test(title, async function (this: Mocha.Context) {
        options.signal.throwIfAborted();
        options.onBegin?.(scenario, ++begun, runner.total);
        const run = await guests.run(scenario, seed);
        options.onResult(run);
        const { outcome, reasons } = judge(run);
        if (outcome === 'refused') this.skip();
        if (RED.includes(outcome)) throw new Error(reasons.join('\n'));
      });
      suite.addTest(test); // which gives it the suite's time-out
      test.timeout((scenario.timeoutMs ?? options.config.timeouts.scenarioMs) + MARGIN_MS);
    }
  }
  try {
    await new Promise<void>((resolve) => {
      runner = mocha.run(() => resolve());
      options.signal.addEventListener('abort', () => runner.abort());
    });
    if (runner!.total === 0) throw nothingMatches(options);
  } finally {
    await guests[Symbol.asyncDispose]();
  }
}

/** Nothing was run: that is not green. */
const nothingMatches = ({ grep = '', scenarios }: SuiteOptions) =>
  new LabError({
    code: 'LAB_SCENARIO_UNKNOWN',
    blame: 'usage',
    message: `'${grep}' matches no title of ${scenarios.length} scenarios`,
    next: "a title is what stands in specs/scenarios: the file's name, a colon, the name in it",
  });

/** Mocha runs the tests; what is shown is made from the results. */
class Silent extends Mocha.reporters.Base {}

class Guests implements AsyncDisposable {
  readonly #options: SuiteOptions;
  #session: GuestSession | undefined;
  #booted = 0;
  #unbootable: LabError | undefined;

  constructor(options: SuiteOptions) {
    this.#options = options;
  }

  async run(scenario: Scenario, seed: number): Promise<ScenarioRun> {
    const { folder, driver, rules, config, signal, onStep } = this.#options;
    const manySeeds = (this.#options.seeds ?? scenario.seeds).length > 1;
    const place = folder.scenario(scenario.id.replaceAll('/', '-') + (manySeeds ? `-seed-${seed}` : ''));
    const base = resultWithout(scenario, seed, { driver, folder: place.path });
    let session: GuestSession;
    try {
      session = await this.#ready();
    } catch (error) {
      signal.throwIfAborted();
      return { ...base, fault: faultOf(error) };
    }
    const refused = refusal(scenario, session);
    if (refused !== undefined) return { ...base, refused };
    const { run, guestIsUsable } = await runScenario({
      ...{ session, scenario, seed, driver, folder: place, rules, config, signal },
      ...(onStep && { onStep }),
    });
    if (!guestIsUsable) await this.#discard();
    return run;
  }

  /** A guest, booted if there is none. What could not boot once is not tried for every scenario again. */
  async #ready(): Promise<GuestSession> {
    if (this.#session) return this.#session;
    if (this.#unbootable) throw this.#unbootable;
    try {
      this.#session = await this.#options.startGuest(++this.#booted);
      return this.#session;
    } catch (error) {
      if (error instanceof LabError && this.#booted === 2) this.#unbootable = error;
      throw error;
    }
  }

  async #discard(): Promise<void> {
    const session = this.#session;
    this.#session = undefined;
    await session?.[Symbol.asyncDispose]();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#discard();
  }
}

function resultWithout(
  scenario: Scenario,
  seed: number,
  { driver, folder }: { driver: string | undefined; folder: string },
): ScenarioRun {
  return {
    scenario: scenario.id,
    name: scenario.name,
    driver: driver ?? scenario.driver.name,
    seed,
    folder,
    command: `npm run lab -- run ${scenario.id}`,
    timingsMs: {},
    records: 0,
    lostRecords: 0,
    verdicts: [],
    exercises: scenario.exercises,
    expected: scenario.expect,
    failures: [],
  };
}

/** Why this guest and network cannot run the scenario honestly; undefined if they can. */
function refusal(scenario: Scenario, { guest }: GuestSession): string | undefined {
  const { ipv6, realTcp, concurrency } = guest.network.capabilities;
  const has: Record<Requirement, boolean> = {
    ipv6,
    'many-clients': concurrency > 1,
    'own-addresses': realTcp,
    'accept-event': !guest.capabilities.has('no-accept-event'),
  };
  const missing = scenario.requires.filter((requirement) => !has[requirement]);
  if (missing.length === 0) return undefined;
  const words = missing.map((requirement) => REQUIREMENTS[requirement]).join('; ');
  return `needs what this guest or network (${guest.network.kind}: ${guest.network.reason}) has not: ${words}`;
}
