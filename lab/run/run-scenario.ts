/** One scenario on one guest with one seed: everything recorded, everything undone, a result in every case. */
import { existsSync } from 'node:fs';
import { basename, join } from 'node:path';
import { Clients } from '../client/client-driver.ts';
import type { Rule } from '../check/rule.ts';
import type { LabConfig } from '../config/lab-config.ts';
import { LabError } from '../errors.ts';
import { goneError, reasonOf, type GuestGone } from '../guest/guest-gone.ts';
import type { Crash, ScenarioRun } from '../report/run-result.ts';
import { ProcessorWaits } from '../machine/processor-waits.ts';
import { METADATA_FILE } from '../trace/ctf-layout.ts';
import { Capture } from './capture.ts';
import { crashFault, crashResult, guestCrashFault } from './crash.ts';
import { DriverService } from './driver-service.ts';
import { saveClients } from './evidence.ts';
import type { GuestSession } from './guest-session.ts';
import { judge } from './judge.ts';
import { canBeExamined, examine } from './post-mortem.ts';
import { Recording, type RecordingEnd } from './recording.ts';
import { faultOf } from './result-fault.ts';
import type { ScenarioFolder } from './run-folder.ts';
import type { Scenario } from './scenario.ts';
import { doSteps, type StepFailure } from './steps.ts';
import { UndoStack } from '../undo.ts';

export interface ScenarioContext {
  session: GuestSession;
  scenario: Scenario;
  seed: number;
  /** Wins over the scenario's driver. */
  driver: string | undefined;
  folder: ScenarioFolder;
  rules: readonly Rule[];
  config: LabConfig;
  signal: AbortSignal;
  onStep?: (label: string) => void;
}

/** How long a trace may take to end, and a driver to stop, after the steps. */
const END_MS = 30_000;

export async function runScenario(context: ScenarioContext): Promise<ScenarioRun> {
  const run = new ScenarioExecution(context);
  return await run.execute();
}

class ScenarioExecution {
  readonly #context: ScenarioContext;
  readonly #timingsMs: Record<string, number>;
  #failures: StepFailure[] = [];
  #fault: unknown;
  #end: RecordingEnd | undefined;
  #crash: Crash | undefined;
  #guestFault: LabError | undefined;

  constructor(context: ScenarioContext) {
    this.#context = context;
    this.#timingsMs = { guest: Math.round(context.session.readyMs) };
  }

  async execute(): Promise<ScenarioRun> {
    const { session, scenario, seed, driver, folder, rules, signal } = this.#context;
    try {
      await this.#record();
    } catch (error) {
      this.#fault = error;
    }
    this.#fault = await reasonOf(this.#fault, session.guest.gone, () => duringScenario(scenario));
    const crash = this.#guestFault ?? (await crashFault(folder).catch(() => undefined));
    if (crash) {
      this.#fault = crash;
    } else if (this.#end?.reason === 'driver host died') {
      this.#fault = hostDied(folder);
    }
    // Also a trace whose end was lost is judged: what the driver broke before stays broken.
    const isRecorded = existsSync(join(folder.trace, METADATA_FILE));
    const verdicts = isRecorded ? await this.#phase('check', () => judge(folder, rules)) : [];
    return {
      scenario: scenario.id,
      name: scenario.name,
      driver: driver ?? scenario.driver.name,
      seed,
      folder: folder.path,
      machine: basename(session.folder),
      command: commandOf(this.#context),
      timingsMs: this.#timingsMs,
      records: this.#end?.records ?? 0,
      lostRecords: this.#end?.discarded ?? 0,
      verdicts,
      exercises: scenario.exercises,
      expected: scenario.expect,
      failures: this.#failures,
      ...(this.#fault !== undefined && { fault: faultOf(this.#fault, signal) }),
      ...(this.#crash && { crash: this.#crash }),
    };
  }

  /** Runs the steps between the begin and the end of trace, capture and clients. */
  async #record(): Promise<void> {
    const { session, scenario, seed, folder, config } = this.#context;
    const { guest } = session;
    using waits = new ProcessorWaits(guest.machine.pid);
    const capture = await Capture.begin(join(session.folder, 'wire.pcap'));
    await using clients = await Clients.start({ command: (argv) => guest.network.command(argv) });
    const ringBytes = Math.round((scenario.ringMiB ?? config.recorder.ringMiB) * 2 ** 20);
    const parameters = { ringBytes, seed, perturb: scenario.perturb };
    const recording = await this.#whileGuestLives(() =>
      Recording.start(guest.agent, folder.trace, parameters),
    );
    try {
      await this.#whileGuestLives(() => this.#drive(clients, recording, waits)).catch(
        async (error: unknown) => {
          throw await reasonOf(error, guest.gone, () => duringScenario(scenario));
        },
      );
    } finally {
      const gone = await endUntilNow(guest.gone);
      await clients.closeAll().catch(() => undefined);
      const ending =
        gone && canBeExamined(gone)
          ? this.#phase('crash', () => this.#examine(gone, recording))
          : this.#phase('end', async () => void (this.#end = await recording.stop()));
      await ending.catch((error: unknown) => {
        this.#fault ??= error;
      });
      await capture.save(folder.wire).catch((error: unknown) => (this.#fault ??= error));
      await saveClients(folder.clients, clients.operations, {
        originNs: clients.originNs,
        clock: recording.clock,
        end: this.#end,
        stalls: [...guest.agent.silences, ...waits.waits],
      });
    }
  }

  /** What ended the guest is the scenario's fault from then on, with all that could be taken of it. */
  async #examine(gone: GuestGone, recording: Recording): Promise<void> {
    const { session, scenario, folder, config, signal, onStep } = this.#context;
    const postMortem = await examine({
      ...{ guest: session.guest, gone, recording, folder: folder.path, signal },
      ...{ has: (name) => session.guest.has(name), dumpMs: config.timeouts.dumpMs },
      maxDumpBytes: config.crash.dumpMiB * 2 ** 20,
      ...(onStep && { onStep }),
    });
    this.#end = postMortem.end;
    this.#crash = crashResult(gone, postMortem);
    this.#guestFault = await guestCrashFault(gone, postMortem, folder, duringScenario(scenario));
  }

  async #drive(clients: Clients, recording: Recording, waits: ProcessorWaits): Promise<void> {
    const { session, scenario, driver, folder, config, signal, onStep } = this.#context;
    await using undo = new UndoStack();
    const service = await this.#phase('deploy', async () => {
      const prepared = await session.prepare(driver ?? scenario.driver.name, folder.path);
      const deployed = await session.install(prepared, scenario.driver.parameters);
      return new DriverService(session.guest, deployed, waits);
    });
    undo.push('the service', async () => {
      if (!recording.hasEnded) await this.#phase('stop', () => service.end(END_MS));
    });
    this.#failures = await this.#phase('steps', () =>
      doSteps(scenario.steps, {
        scenario,
        service,
        clients,
        network: session.guest.network,
        waits,
        stepMs: config.timeouts.stepMs,
        signal,
        ...(onStep && { onStep }),
      }),
    );
  }

  /** A guest that goes, or a Ctrl-C, ends the wait for whatever the steps wait for. */
  async #whileGuestLives<T>(work: () => Promise<T>): Promise<T> {
    const { session, scenario, signal, config } = this.#context;
    const limitMs = scenario.timeoutMs ?? config.timeouts.scenarioMs;
    const stop = new AbortController();
    const ends = Promise.race([
      session.guest.gone.then((gone) => {
        throw goneError(gone, duringScenario(scenario));
      }),
      rejection(signal, stop.signal),
      expiry(limitMs, scenario.id, stop.signal),
    ]);
    ends.catch(() => undefined);
    try {
      return await Promise.race([work(), ends]);
    } finally {
      stop.abort();
    }
  }

  async #phase<T>(name: string, work: () => Promise<T>): Promise<T> {
    const began = performance.now();
    try {
      return await work();
    } finally {
      this.#timingsMs[name] = (this.#timingsMs[name] ?? 0) + Math.round(performance.now() - began);
    }
  }
}

const duringScenario = ({ id }: Scenario): string => `scenario '${id}'`;

/** How the guest has ended, if it has. */
async function endUntilNow(gone: Promise<GuestGone>): Promise<GuestGone | undefined> {
  return await Promise.race([gone, Promise.resolve(undefined)]);
}

async function rejection(signal: AbortSignal, over: AbortSignal): Promise<never> {
  return await new Promise((_resolve, reject) => {
    const abort = () => reject(signal.reason as Error);
    signal.addEventListener('abort', abort, { signal: over });
    if (signal.aborted) abort();
  });
}

async function expiry(limitMs: number, scenario: string, over: AbortSignal): Promise<never> {
  return await new Promise((_resolve, reject) => {
    const timer = setTimeout(() => {
      reject(
        new LabError({
          code: 'LAB_SCENARIO_TIMEOUT',
          blame: 'guest',
          message: `scenario '${scenario}' did not end within ${limitMs} ms`,
          next: 'see the last records of its trace for the call that does not return; timeoutMs in the scenario allows more',
        }),
      );
    }, limitMs);
    over.addEventListener('abort', () => clearTimeout(timer));
  });
}

function hostDied(folder: ScenarioFolder): LabError {
  return new LabError({
    code: 'LAB_DRIVER_HOST_DIED',
    blame: 'driver',
    message: 'the process that runs the drivers ended during the scenario, and no exception was recorded',
    next: `read the last records: npm run lab -- trace show ${folder.trace}`,
    evidence: [folder.trace],
  });
}

function commandOf({ scenario, seed, driver }: ScenarioContext): string {
  const words = ['npm run lab -- run', scenario.id];
  if (scenario.seeds.length > 1 || scenario.seeds[0] !== seed) words.push(`--seed ${seed}`);
  if (driver !== undefined) words.push(`--driver ${driver}`);
  return words.join(' ');
}
