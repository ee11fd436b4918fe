/** Does the steps of a scenario and notes what came out otherwise than the scenario says. */
import type { Clients } from '../client/client-driver.ts';
import type { ClientOutcome } from '../client/operation.ts';
import type { ProcessorWaits } from '../machine/processor-waits.ts';
import type { GuestNetwork } from '../network/guest-network.ts';
import type { Scenario } from './scenario.ts';
import { unexpected, type Expectation } from './scenario-expectation.ts';
import { stepLabel, type SimpleStep, type Step, type StepOf } from './scenario-steps.ts';

/** What the service control manager, or the driver's control program, said. */
export interface ServiceAnswer {
  ok: boolean;
  /** The Windows error code; 0 with ok. */
  error: number;
  text: string;
}

/** The driver's service as a scenario's steps use it. */
export interface ScenarioService {
  start(withinMs: number): Promise<ServiceAnswer>;
  stop(withinMs: number): Promise<ServiceAnswer>;
  delete(withinMs: number): Promise<ServiceAnswer>;
  control(command: string, withinMs: number): Promise<ServiceAnswer>;
}

export interface StepFailure {
  step: string;
  text: string;
}

export interface StepTools {
  scenario: Scenario;
  service: ScenarioService;
  clients: Clients;
  network: GuestNetwork;
  waits: Pick<ProcessorWaits, 'ownTime'>;
  /** How long a step may take that does not say so itself. */
  stepMs: number;
  signal: AbortSignal;
  onStep?: (label: string) => void;
}

/**
 * Does all steps, one after the other. After the first failure the rest is left out: what follows would only
 * fail for the same reason. Errors of the lab and the guest are thrown.
 */
export async function doSteps(steps: readonly Step[], tools: StepTools): Promise<StepFailure[]> {
  for (const step of steps) {
    tools.signal.throwIfAborted();
    const failures =
      step.do === 'together'
        ? (await Promise.all(step.branches.map((branch) => doSteps(branch, tools)))).flat()
        : await doStep(step, tools);
    if (failures.length > 0) return failures;
  }
  return [];
}

async function doStep(step: SimpleStep, tools: StepTools): Promise<StepFailure[]> {
  tools.onStep?.(stepLabel(step));
  const text = await outcomeOf(step, tools);
  return text === null ? [] : [{ step: stepLabel(step), text }];
}

/** What was not as expected, in words; null if all was. */
async function outcomeOf(step: SimpleStep, tools: StepTools): Promise<string | null> {
  const { service, clients } = tools;
  const withinMs = ('withinMs' in step ? step.withinMs : undefined) ?? tools.stepMs;
  switch (step.do) {
    case 'start':
    case 'stop':
    case 'delete':
      return judgeService(step, await service[step.do](withinMs));
    case 'control':
      return judgeControl(step, await service.control(step.command, withinMs));
    case 'connect':
      return judgeClients(step.expect, await connect(step, tools, withinMs));
    case 'send':
      return judgeClients(step.expect, await clients.send(step.on, step.bytes, withinMs));
    case 'receive':
      return judgeClients(step.expect, await clients.receive(step.on, step.bytes, withinMs));
    case 'echo':
      return judgeClients(step.expect, await clients.echo(step.on, step.bytes, withinMs));
    case 'half-close':
      return judgeClients('done', await clients.halfClose(step.on, withinMs));
    case 'close':
      return judgeClients('done', await clients.close(step.on, withinMs));
    case 'reset':
      return judgeClients('done', await clients.reset(step.on, withinMs));
    case 'vanish':
      return judgeClients('done', await clients.vanish(step.on, withinMs));
    case 'wait-for-closed':
      return judgeClients(step.expect, await clients.waitForClosed(step.on, withinMs));
    case 'let-pass':
      return await tools.waits
        .ownTime()
        .reach(step.ms, tools.signal)
        .then(() => null);
    case 'wait-for-connected':
      return judgeClients('connected', await clients.waitForConnected(step.on, step.count, withinMs));
  }
}

async function connect(
  step: StepOf<'connect'>,
  { scenario, network, clients }: StepTools,
  withinMs: number,
): Promise<ClientOutcome[]> {
  const { host, port } = await network.endpoint({
    port: step.port ?? scenario.port,
    family: step.family === 6 ? 'ipv6' : 'ipv4',
  });
  const { as, count, atOnce, staggerMs, ownAddress, deaf } = step;
  return await clients.connect({ as, count, atOnce, staggerMs, ownAddress, deaf, host, port, withinMs });
}

function judgeClients(expectation: Expectation, outcomes: readonly ClientOutcome[]): string | null {
  const text = unexpected(
    expectation,
    outcomes.map(({ outcome }) => outcome),
  );
  const detail = outcomes.find((it) => it.detail !== undefined)?.detail;
  return text === null || detail === undefined ? text : `${text} (${detail})`;
}

function judgeService(step: StepOf<'start' | 'stop' | 'delete'>, answer: ServiceAnswer): string | null {
  if (step.expect === 'ok') return answer.ok ? null : answer.text;
  if (answer.ok) return `expected it to fail${step.error ? ` with error ${step.error}` : ''}, it succeeded`;
  if (step.error === undefined || step.error === answer.error) return null;
  return `expected error ${step.error}, got ${answer.error}: ${answer.text}`;
}

function judgeControl(step: StepOf<'control'>, answer: ServiceAnswer): string | null {
  if (!answer.ok) return `the driver's control program answered ${answer.error}: ${answer.text}`;
  const expected = 'expect' in step ? step.expect : undefined;
  if (expected === undefined || answer.text.includes(expected)) return null;
  return `expected an answer with '${expected}', got '${answer.text.trim()}'`;
}
