/** The invariants: what has to be true after every case, whatever the fault was. Pure: an observation in, words out. */
import type { Blame } from '../lab/errors.ts';
import { exitCode, judge } from '../lab/report/outcome.ts';
import type { Fault, RunResult, ScenarioRun } from '../lab/report/run-result.ts';
import type { End } from './child-lab.ts';
import type { HonestEnds } from './fault.ts';
import type { PhaseName } from './moments.ts';

export const INVARIANTS = {
  honest: 'no false green, no violation that is the lab’s, a fitting blame',
  'in time': 'the run ended within its deadline and 10 s',
  clean: 'after the next start nothing is left, and that start was green',
  base: 'the base image is what it was',
  kept: 'what had ended is in run.json',
} as const;
export type Invariant = keyof typeof INVARIANTS;

export interface Observation {
  /** Undefined: it had not ended by its limit, and was killed. */
  end: End | undefined;
  /** Whether the fault happened. */
  struck: boolean;
  phase: PhaseName;
  /** From the strike to the end, and what is allowed. */
  afterMs: number;
  limitMs: number;
  result: RunResult | undefined;
  /** Why there is no result, when it could not be read. */
  unreadable?: string;
  /** What a green run has to hold. */
  planned: readonly string[];
  /** Scenarios of which the lab had said that they had ended. */
  said: readonly string[];
  output: string;
  /** Of other labs on the same cache, and of the next start: how they ended. Green is 0. */
  companions: readonly (End | undefined)[];
  next: End | undefined;
  leftovers: readonly string[];
  isBaseUnchanged: boolean;
}

/** What is broken, in words, by invariant; empty when all hold. */
export function brokenInvariants(
  seen: Observation,
  allows: HonestEnds,
): { invariant: Invariant; words: string }[] {
  const found: Record<Invariant, string[]> = {
    honest: dishonest(seen, allows),
    'in time': seen.end === undefined ? [`still ran ${seen.limitMs} ms after the fault`] : [],
    clean: [
      ...seen.leftovers,
      ...(seen.next === 0 ? [] : [`the next start ended with ${seen.next ?? 'nothing'}`]),
    ],
    base: seen.isBaseUnchanged ? [] : ['the base image has changed'],
    kept: lost(seen, allows),
  };
  return Object.entries(found).flatMap(([invariant, each]) =>
    each.map((words) => ({ invariant: invariant as Invariant, words })),
  );
}

/** One word or code for the table. */
export function outcomeOf({ struck, end, result, output }: Observation): string {
  if (!struck) return 'came too late';
  if (end === undefined) return 'did not end';
  if (typeof end === 'string') return end;
  if (end === 0) return 'green';
  if (end >= 128) return 'interrupted';
  return (
    faultOf({ result, output })?.code ??
    { 1: 'violated', 2: 'usage', 4: 'inconclusive' }[end] ??
    `exit ${end}`
  );
}

function dishonest(seen: Observation, allows: HonestEnds): string[] {
  const { end, output, struck, phase, companions } = seen;
  const others = companions
    .filter((each) => each !== 0)
    .map((each) => `another lab on the same cache ended with ${each ?? 'nothing'}`);
  const unexpected = /LAB_UNEXPECTED|UnhandledPromise|Uncaught|triggerUncaught/.exec(output);
  const words = struck ? allows.says?.(phase) : undefined;
  return [
    ...others,
    ...(unexpected && typeof end !== 'string' ? [`it said ${unexpected[0]}`] : []),
    ...(words && !words.test(output) ? [`it did not say ${words.source}`] : []),
    ...(end === 0 ? falseGreen(seen, allows) : falseRed(seen, allows)),
  ];
}

function falseGreen({ result, planned, struck }: Observation, { driverFault }: HonestEnds): string[] {
  if (result === undefined) return ['green without a result'];
  if (struck && driverFault !== undefined) return [`green, and not ${driverFault}`];
  const missing = planned.filter((name) => !result.runs.some(({ scenario }) => scenario === name));
  return [
    ...missing.map((name) => `green without ${name}`),
    ...(result.fault ? [`green with ${result.fault.code}`] : []),
    ...(exitCode(result) === 0 ? [] : ['green, and its run.json is not']),
    ...result.runs.flatMap(incomplete),
  ];
}

/** A run that counts as passed and cannot: it rests on nothing, or on half of it. */
function incomplete(run: ScenarioRun): string[] {
  const { outcome, reasons } = judge(run);
  if (outcome !== 'passed') return [`green with ${run.scenario} ${outcome}: ${reasons.join('; ')}`];
  const { fault, lost } = run.expected;
  if (fault !== undefined || lost || run.exercises.length === 0) return [];
  const held = new Set(run.verdicts.filter((it) => it.outcome === 'held').map(({ clause }) => clause));
  const idle = run.exercises.filter((clause) => !held.has(clause));
  if (idle.length > 0) return [`green, and ${run.scenario} did not exercise ${idle.join(', ')}`];
  return run.records > 0 && run.lostRecords === 0 ? [] : [`green, and ${run.scenario} lost records`];
}

function falseRed({ end, result, output, struck }: Observation, allows: HonestEnds): string[] {
  if (end === undefined) return []; // that is the other invariant's
  if (typeof end === 'string')
    return struck && allows.signals?.includes(end) ? [] : [`it was ended by ${end}`];
  if (end >= 128)
    return struck && allows.interrupted?.includes(end) ? [] : [`it ended with exit code ${end}`];
  const violations = (result?.runs ?? []).flatMap((run) => blamedOnDriver(run, allows));
  if (violations.length > 0) return violations;
  if (end === 4) return struck ? [] : ['inconclusive, and nothing had happened'];
  const fault = faultOf({ result, output });
  if (fault === undefined) return [`exit code ${end} without a fault`];
  const fits: readonly Blame[] = [
    ...(allows.blames ?? []),
    ...(allows.driverFault === undefined ? [] : ['driver' as const]),
  ];
  if (struck && fits.includes(fault.blame)) return [];
  return [`${fault.code} blames the ${fault.blame}: ${fault.message}`];
}

function blamedOnDriver(run: ScenarioRun, { driverFault }: HonestEnds): string[] {
  const { outcome, reasons } = judge(run);
  const isExpected = driverFault !== undefined && run.fault?.code === driverFault && outcome !== 'violated';
  if (isExpected || !['violated', 'failed'].includes(outcome)) return [];
  return [`${run.scenario} is ${outcome}: ${reasons.join('; ')}`];
}

function lost({ end, result, unreadable, said, planned }: Observation, allows: HonestEnds): string[] {
  if (allows.isDiskFull) return [];
  if (result === undefined) {
    if (unreadable !== undefined && !allows.mayLackResult) return [unreadable];
    return said.length > 0 && !allows.mayLackResult && end !== undefined ? ['no run.json'] : [];
  }
  const kept = result.runs.map(({ scenario }) => scenario);
  return said
    .filter((name) => planned.includes(name) && !kept.includes(name))
    .map((name) => `${name} had ended and is not in run.json`);
}

/** Of a run that could not write its result, what it printed. */
function faultOf({
  result,
  output,
}: Pick<Observation, 'result' | 'output'>): Pick<Fault, 'code' | 'blame' | 'message'> | undefined {
  const [, code, blame, message] = /(LAB_[A-Z_]+) \(blame: (\w+)\): (.*)/.exec(output) ?? [];
  const printed = code === undefined ? undefined : { code, blame: blame as Blame, message: message ?? '' };
  return firstFault(result) ?? printed;
}

function firstFault(result: RunResult | undefined): Fault | undefined {
  return (
    result?.fault ?? result?.runs.find(({ fault, expected }) => fault && fault.code !== expected.fault)?.fault
  );
}
