/**
 * Scenarios as Mocha tests: scenario × seed = one test, on a guest of its own. As many run at the same time as the
 * host bears; their tests end in order.
 */
import Mocha from 'mocha';
import PQueue from 'p-queue';
import type { Rule } from '../check/rule.ts';
import type { LabConfig } from '../config/lab-config.ts';
import { LabError } from '../errors.ts';
import { judge, type RunOutcome } from '../report/outcome.ts';
import type { ScenarioRun } from '../report/run-result.ts';
import type { GuestSession } from './guest-session.ts';
import type { GuestSource } from './guest-source.ts';
import { faultOf } from './result-fault.ts';
import type { RunFolder } from './run-folder.ts';
import { runScenario } from './run-scenario.ts';
import { REQUIREMENTS, type Requirement, type Scenario } from './scenario.ts';
import { PATIENCE_MS, places, Turn } from './turn.ts';

/** A scenario with one of its seeds. */
export interface PlannedRun {
  scenario: Scenario;
  seed: number;
  /** Names its folder in the run folder. */
  slug: string;
  title: string;
}

export interface SuiteOptions {
  plan: readonly PlannedRun[];
  /** Wins over the scenarios' own. */
  driver: string | undefined;
  guests: GuestSource;
  folder: RunFolder;
  rules: readonly Rule[];
  config: LabConfig;
  signal: AbortSignal;
  /** A scenario begins, as the nth of the plan. What it gives is told how that goes on. */
  watch: (planned: PlannedRun, ordinal: number) => RunWatch;
}

export interface RunWatch {
  onGuest: (session: GuestSession) => void;
  onStep: (label: string) => void;
  onResult: (run: ScenarioRun) => void;
}

/** How much longer than its own limit a scenario's test may take: its turn, deploying, ending, judging, a new guest. */
const MARGIN_MS = PATIENCE_MS + 600_000;
/** What a person must look at; anything else is counted as passed. */
const RED: readonly RunOutcome[] = ['violated', 'failed', 'fault', 'inconclusive'];

/**
 * Scenarios with their seeds, or with `seeds` instead, whose titles match `grep`.
 * @throws LabError LAB_SCENARIO_UNKNOWN when nothing is left: that would not be green.
 */
export function planRuns(
  scenarios: readonly Scenario[],
  { seeds, grep }: { seeds: readonly number[] | undefined; grep: string | undefined },
): PlannedRun[] {
  const pattern = new RegExp(grep ?? '');
  const all = scenarios.flatMap((scenario) => {
    const own = seeds ?? scenario.seeds;
    return own.map((seed): PlannedRun => {
      const slug = scenario.id.replaceAll('/', '-') + (own.length > 1 ? `-seed-${seed}` : '');
      const title = `${scenario.id}${scenario.seeds.length > 1 ? ` (seed ${seed})` : ''}: ${scenario.name}`;
      return { scenario, seed, slug, title };
    });
  });
  const plan = all.filter(({ title }) => pattern.test(title));
  if (plan.length > 0) return plan;
  throw new LabError({
    code: 'LAB_SCENARIO_UNKNOWN',
    blame: 'usage',
    message: `'${grep}' matches no title of ${scenarios.length} scenarios`,
    next: "a title is what stands in specs/scenarios: the file's name, a colon, the name in it",
  });
}

/** Runs the plan; results come by `watch`, as scenarios end. Mocha's own output is left to the caller. */
export async function runSuite(options: SuiteOptions): Promise<void> {
  const { plan, guests, config, signal } = options;
  const mocha = new Mocha({ reporter: Silent });
  const suite = Mocha.Suite.create(mocha.suite, 'scenarios');
  const queue = new PQueue({ concurrency: guests.jobs });
  plan.forEach((planned, index) => {
    const result = queue.add(() => runPlanned(planned, index + 1, options));
    result.catch(() => undefined); // its test reports it
    const test = new Mocha.Test(planned.title, async function (this: Mocha.Context) {
      const { outcome, reasons } = judge(await result);
      if (outcome === 'refused') this.skip();
      if (RED.includes(outcome)) throw new Error(reasons.join('\n'));
    });
    suite.addTest(test); // which gives it the suite's time-out
    const { scenarioMs, dumpMs } = config.timeouts;
    test.timeout((planned.scenario.timeoutMs ?? scenarioMs) + dumpMs + MARGIN_MS);
  });
  await new Promise<void>((resolve) => {
    const runner = mocha.run(() => resolve());
    signal.addEventListener('abort', () => runner.abort());
  });
  // After an abort, those that have begun end first.
  await queue.onIdle();
}

/** Mocha runs the tests; what is shown is made from the results. */
class Silent extends Mocha.reporters.Base {}

async function runPlanned(planned: PlannedRun, ordinal: number, options: SuiteOptions): Promise<ScenarioRun> {
  const { signal, watch } = options;
  signal.throwIfAborted();
  const watching = watch(planned, ordinal);
  const run = await runOnNewGuest(planned, options, watching);
  watching.onResult(run);
  return run;
}

/** A result in every case but an abort: a run without it would be green. */
async function runOnNewGuest(
  { scenario, seed, slug }: PlannedRun,
  options: SuiteOptions,
  { onGuest, onStep }: RunWatch,
): Promise<ScenarioRun> {
  const { guests, driver, rules, config, signal } = options;
  const folder = options.folder.scenario(slug);
  let run = resultWithout(scenario, seed, { driver, folder: folder.path });
  try {
    using turn = await Turn.come({
      ...{ places: places(guests.jobs), signal },
      onWait: (labs) => onStep(`waits for other labs: ${labs.join(', ')}`),
    });
    onStep('a new guest');
    const session = await guests.take();
    onGuest(session);
    try {
      const refused = refusal(scenario, session);
      const came =
        refused === undefined
          ? await runScenario({ session, scenario, seed, driver, folder, rules, config, signal, onStep })
          : { ...run, refused };
      // What a guest did on other files than it was given says nothing about the driver.
      await session.files.require();
      run = came;
    } finally {
      onStep('the end of its guest');
      const began = performance.now();
      await session[Symbol.asyncDispose]();
      run.timingsMs['tear-down'] = Math.round(performance.now() - began);
      if (turn.waitedMs > 0) run.waitedMs = turn.waitedMs;
    }
  } catch (error) {
    signal.throwIfAborted();
    run.fault ??= faultOf(error);
  }
  return run;
}

/** The result of a scenario for which there is no guest. */
export function refusedRun(
  { scenario, seed, slug }: PlannedRun,
  { driver, folder }: Pick<SuiteOptions, 'driver' | 'folder'>,
  refused: string,
): ScenarioRun {
  return { ...resultWithout(scenario, seed, { driver, folder: folder.scenario(slug).path }), refused };
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
    ...guest.abilities,
  };
  const missing = scenario.requires.filter((requirement) => !has[requirement]);
  if (missing.length === 0) return undefined;
  const words = missing.map((requirement) => REQUIREMENTS[requirement]).join('; ');
  return `needs what this guest or network (${guest.network.kind}: ${guest.network.reason}) has not: ${words}`;
}
