/** `run`: boots the guest, runs scenarios on it, prints what came out and where it is. */
import { mkdirSync } from 'node:fs';
import { join, relative } from 'node:path';
import type { Rule } from '../check/rule.ts';
import { readLabConfig, type LabConfig } from '../config/lab-config.ts';
import { checkDriver } from '../deploy/deploy-driver.ts';
import type { VerifierChoice } from '../deploy/verifier.ts';
import { LabError } from '../errors.ts';
import { projectRoot } from '../project.ts';
import { exitCode } from '../report/outcome.ts';
import { writeJunit } from '../report/junit.ts';
import { writeRunJson } from '../report/run-json.ts';
import { RUN_FORMAT, type RunResult, type ScenarioRun } from '../report/run-result.ts';
import { renderRun, renderScenarioRun } from '../report/terminal.ts';
import { driverFile } from '../run/build-drivers.ts';
import { chooseScenarios } from '../run/choose-scenarios.ts';
import { faultOf } from '../run/result-fault.ts';
import { removeOldRuns, RunFolder } from '../run/run-folder.ts';
import { planRuns, refusedRun, runSuite, type PlannedRun, type RunWatch } from '../run/suite.ts';
import type { Preparation } from '../run/prepare-guest.ts';
import { groupByVerifier, type VerifierGroup } from '../run/verifier-plan.ts';
import { clausesById } from '../../specs/clauses/catalogue.ts';
import { loadRules } from '../../specs/rules/index.ts';
import { clauseFacts } from './clause-facts.ts';
import { guestFacts, openShownGuests, prepare } from './guests.ts';
import { Progress } from './progress.ts';

export interface RunCommandOptions {
  guest?: string;
  driver?: string;
  grep?: string;
  seed?: number;
  /** Guests at the same time; default: what the host bears. */
  jobs?: number;
  /** Boot a guest for every scenario instead of cloning one. */
  cold?: boolean;
  /** Driver Verifier for scenarios that do not say; default: lab.config.yaml. */
  verifier?: VerifierChoice;
  junit?: string;
  json?: string;
  /** Leave out scenarios whose driver has a known mistake or must crash. */
  correct?: boolean;
}

export const scenariosFolder = join(projectRoot, 'specs', 'scenarios');

/** Gives the exit code. */
export async function runCommand(
  names: readonly string[],
  options: RunCommandOptions,
  signal: AbortSignal,
): Promise<number> {
  const config = readLabConfig();
  const rules = await loadRules();
  const scenarios = chooseScenarios(scenariosFolder, names, {
    correct: options.correct ?? false,
    clauseIds: new Set(clausesById().keys()),
  });
  const folder = new RunFolder(config.runs.folder);
  const startedAt = new Date();
  const result = emptyResult(folder, startedAt, rules);
  using progress = new Progress();
  try {
    const preparation = await prepare(options.guest ?? config.guest, {
      ...{ progress, signal, timingsMs: result.timingsMs },
    });
    if (options.driver !== undefined) await checkDriver(driverFile(options.driver));
    const plan = planRuns(scenarios, {
      seeds: options.seed === undefined ? undefined : [options.seed],
      grep: options.grep,
    });
    result.planned = plan.length;
    const ended = new Map<number, ScenarioRun>();
    const wishes = { choice: options.verifier ?? config.verifier, driver: options.driver };
    for (const group of groupByVerifier(plan, wishes))
      await runGroup(group, {
        ...{ plan, rules, preparation, config, folder, options, progress, signal },
        timingsMs: result.timingsMs,
        onGuest: (session) => (result.guest ??= guestFacts(session, preparation)),
        onResult: (ordinal, run) => {
          ended.set(ordinal, run);
          result.runs = [...ended].sort(([a], [b]) => a - b).map(([, each]) => each);
          // What a person has seen end is on disk, whatever comes next.
          saveResult(result, startedAt, folder);
        },
      });
    signal.throwIfAborted();
  } catch (error) {
    result.fault = faultOf(error, signal);
  }
  saveResult(result, startedAt, folder);
  progress[Symbol.dispose]();
  if (options.json !== undefined) writeRunJson(options.json, result);
  if (options.junit !== undefined) writeJunit(options.junit, result);
  process.stdout.write(`${renderRun(result, { width: terminalWidth() })}\n`);
  printCount(result.runs);
  await removeOldRuns(config.runs);
  return exitCode(result);
}

interface GroupContext {
  /** Of the whole run. */
  plan: readonly PlannedRun[];
  rules: readonly Rule[];
  preparation: Preparation;
  config: LabConfig;
  folder: RunFolder;
  options: RunCommandOptions;
  progress: Progress;
  signal: AbortSignal;
  timingsMs: RunResult['timingsMs'];
  onGuest: RunWatch['onGuest'];
  onResult: (ordinal: number, run: ScenarioRun) => void;
}

/** Scenarios that share a template. */
async function runGroup({ plan: own, verifier }: VerifierGroup, context: GroupContext): Promise<void> {
  const { plan, rules, preparation, config, folder, options, progress, signal, timingsMs } = context;
  const { driver, jobs, cold = false } = options;
  const watch = (planned: PlannedRun): RunWatch => {
    const ordinal = plan.indexOf(planned) + 1;
    const shown = shownRun(progress, `scenario ${ordinal} of ${plan.length}, ${planned.scenario.id}`);
    const onResult = (run: ScenarioRun) => {
      context.onResult(ordinal, run);
      shown.onResult(run);
    };
    return { onGuest: context.onGuest, onStep: shown.onStep, onResult };
  };
  try {
    await using guests = await openShownGuests({
      ...{ preparation, config, folder, jobs, cold, expected: own.length, progress, signal },
      ...{ timingsMs, verifier },
    });
    await runSuite({ plan: own, guests, folder, rules, config, signal, driver, watch });
  } catch (error) {
    const isLacking = error instanceof LabError && error.code === 'LAB_VERIFIER_UNAVAILABLE';
    // Who asks for it for a whole run has to hear that; a scenario that needs it is refused like any other.
    if (!isLacking || own.some(({ scenario }) => scenario.verifier === undefined)) throw error;
    for (const planned of own)
      watch(planned).onResult(refusedRun(planned, { driver, folder }, error.message));
  }
}

function emptyResult(folder: RunFolder, startedAt: Date, rules: readonly Rule[]): RunResult {
  return {
    format: RUN_FORMAT,
    startedAt: startedAt.toISOString(),
    durationMs: 0,
    folder: relative(process.cwd(), folder.path) || folder.path,
    timingsMs: {},
    clauses: clauseFacts(rules),
    runs: [],
  };
}

const terminalWidth = (): number => process.stdout.columns || 100;

/** A scenario's line of progress, and the line that stays when it has ended. */
function shownRun(progress: Progress, text: string): Omit<RunWatch, 'onGuest'> {
  const work = progress.begin(text);
  return {
    onStep: (label) => work.detail(label),
    onResult: (run) => {
      work.drop();
      progress.line(renderScenarioRun(run, terminalWidth()));
    },
  };
}

function printCount(runs: readonly ScenarioRun[]): void {
  const failed = runs.filter((run) => exitCode({ runs: [run] } as RunResult) !== 0 && !run.refused).length;
  const skipped = runs.filter((run) => run.refused !== undefined).length;
  const passed = runs.length - failed - skipped;
  process.stdout.write(`${passed} passed, ${failed} failed${skipped ? `, ${skipped} skipped` : ''}\n`);
}

function saveResult(result: RunResult, startedAt: Date, folder: RunFolder): void {
  result.durationMs = Date.now() - startedAt.getTime();
  try {
    mkdirSync(folder.path, { recursive: true });
    writeRunJson(join(folder.path, 'run.json'), result);
    writeJunit(join(folder.path, 'junit.xml'), result);
  } catch (error) {
    // A full disk: what was found out is still printed.
    result.fault ??= faultOf(error);
  }
}
