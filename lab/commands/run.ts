/** `run`: boots the guest, runs scenarios on it, prints what came out and where it is. */
import { mkdirSync } from 'node:fs';
import { readdir, rm } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { readLabConfig, type LabConfig } from '../config/lab-config.ts';
import { didYouMean } from '../config/nearest.ts';
import { checkDriver } from '../deploy/deploy-driver.ts';
import { LabError } from '../errors.ts';
import { projectRoot } from '../project.ts';
import { exitCode } from '../report/outcome.ts';
import { writeJunit } from '../report/junit.ts';
import { writeRunJson } from '../report/run-json.ts';
import { RUN_FORMAT, type GuestFacts, type RunResult, type ScenarioRun } from '../report/run-result.ts';
import { renderRun, renderScenarioRun } from '../report/terminal.ts';
import { driverFile } from '../run/build-drivers.ts';
import { GuestSession } from '../run/guest-session.ts';
import { prepareGuest, type Preparation } from '../run/prepare-guest.ts';
import { faultOf } from '../run/result-fault.ts';
import { RunFolder } from '../run/run-folder.ts';
import { readScenarios, type Scenario } from '../run/scenario.ts';
import { runSuite } from '../run/suite.ts';
import { clausesById } from '../../specs/clauses/catalogue.ts';
import { loadRules } from '../../specs/rules/index.ts';
import { clauseFacts } from './clause-facts.ts';
import { Progress, type Work } from './progress.ts';

export interface RunCommandOptions {
  guest?: string;
  driver?: string;
  grep?: string;
  seed?: number;
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
  const scenarios = chosen(names, options);
  const folder = new RunFolder(config.runs.folder);
  const startedAt = new Date();
  const result: RunResult = {
    format: RUN_FORMAT,
    startedAt: startedAt.toISOString(),
    durationMs: 0,
    folder: relative(process.cwd(), folder.path) || folder.path,
    timingsMs: {},
    clauses: clauseFacts(rules),
    runs: [],
  };
  using progress = new Progress();
  const width = process.stdout.columns || 100;
  try {
    const preparation = await prepare(options.guest ?? config.guest, progress, signal, result.timingsMs);
    if (options.driver !== undefined) await checkDriver(driverFile(options.driver));
    let current: Work | undefined;
    await runSuite({
      ...{ scenarios, folder, rules, config, signal, grep: options.grep, driver: options.driver },
      seeds: options.seed === undefined ? undefined : [options.seed],
      startGuest: (ordinal) =>
        startGuest({ preparation, config, folder: folder.machine(ordinal), progress, signal, result }),
      onBegin: (scenario, ordinal, total) =>
        (current = progress.begin(`scenario ${ordinal} of ${total}, ${scenario.id}`)),
      onStep: (label) => current?.detail(label),
      onResult: (run) => {
        result.runs.push(run);
        current?.drop();
        progress.line(renderScenarioRun(run, width));
        saveResult(result, startedAt, folder);
      },
    });
    signal.throwIfAborted();
  } catch (error) {
    result.fault = faultOf(error);
  }
  saveResult(result, startedAt, folder);
  progress[Symbol.dispose]();
  if (options.json !== undefined) writeRunJson(options.json, result);
  if (options.junit !== undefined) writeJunit(options.junit, result);
  process.stdout.write(`${renderRun(result, { width })}\n`);
  printCount(result.runs);
  await removeOldRuns(config);
  return exitCode(result);
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

/** The scenarios that are named, or all; `grep` is left to Mocha. */
function chosen(names: readonly string[], { correct }: RunCommandOptions): Scenario[] {
  const all = readScenarios(scenariosFolder, { clauseIds: new Set(clausesById().keys()) });
  const wanted = names.length === 0 ? all : names.flatMap((name) => named(all, name));
  return correct
    ? wanted.filter(({ expect }) => expect.violated.length === 0 && expect.fault === undefined)
    : wanted;
}

function named(all: readonly Scenario[], name: string): Scenario[] {
  const id = name.replace(/\.ya?ml$/, '').replace(/^specs\/scenarios\//, '');
  const found = all.filter((scenario) => scenario.id === id || scenario.id.startsWith(`${id}/`));
  if (found.length > 0) return found;
  const inFolder = all.filter((scenario) => scenario.id.endsWith(`/${id}`));
  if (inFolder.length === 1) return inFolder;
  const ids = all.map((scenario) => scenario.id);
  throw new LabError({
    code: 'LAB_SCENARIO_UNKNOWN',
    blame: 'usage',
    message: `no scenario '${name}'${didYouMean(id, ids)}`,
    next: `the scenarios are: ${ids.join(', ')}`,
  });
}

/** Drivers, key and image, with progress; what each took is added to `timingsMs`. */
export async function prepare(
  guest: string,
  progress: Progress,
  signal: AbortSignal,
  timingsMs: RunResult['timingsMs'] = {},
): Promise<Preparation> {
  let current: Work | undefined;
  return await prepareGuest(guest, {
    signal,
    onPhase: (phase, ms) => {
      const isDrivers = phase === 'drivers';
      if (ms !== undefined) {
        timingsMs[phase] = Math.round(ms);
        current?.end(isDrivers ? 'drivers built' : `image '${guest}' ready`);
      } else current = progress.begin(isDrivers ? 'building the drivers' : `image '${guest}'`);
    },
    onImage: ({ part, stage, step, steps }) => current?.detail(`${part}: ${stage} (${step}/${steps})`),
  });
}

interface GuestStart {
  preparation: Preparation;
  config: LabConfig;
  folder: string;
  progress: Progress;
  signal: AbortSignal;
  result?: RunResult;
}

export async function startGuest(start: GuestStart): Promise<GuestSession> {
  const { preparation, config, folder, progress, signal, result } = start;
  using boot = progress.begin('booting the guest');
  const session = await GuestSession.start({
    ...{ image: preparation.guest, signingKey: preparation.signingKey, config, folder, signal },
    onPhase: (phase, ms) => {
      if (ms === undefined) boot.detail(phase);
    },
    onWarning: (text) => progress.warn(text),
  });
  const facts = guestFacts(session, preparation);
  boot.end(`guest '${facts.name}' booted (${facts.accelerator}, ${facts.network}), recorder started`);
  if (result) {
    result.guest ??= facts;
    result.timingsMs['boot'] = Math.round((result.timingsMs['boot'] ?? 0) + session.readyMs);
  }
  return session;
}

function guestFacts(session: GuestSession, { image }: Preparation): GuestFacts {
  const { guest, bootMs } = session;
  return {
    name: guest.name,
    image: image.digest.slice(0, 16),
    accelerator: guest.accelerator.accelerator,
    network: guest.network.kind,
    ...(guest.network.kind === 'user' && { networkReason: guest.network.reason }),
    bootMs: Math.round(bootMs),
  };
}

/** Keeps the newest run folders. */
async function removeOldRuns({ runs }: LabConfig): Promise<void> {
  const names = (await readdir(runs.folder)).filter((name) => /^\d{8}T\d{6}-\d+$/.test(name)).sort();
  for (const name of names.slice(0, -runs.keep)) await rm(join(runs.folder, name), { recursive: true });
}
