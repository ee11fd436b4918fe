/**
 * What a run of a scenario comes to, and the exit code of a whole run. A run is green only if nothing is
 * violated and nothing inconclusive, every clause that its scenario set out to exercise was exercised, and the
 * clients saw what they must see. For a driver with a known mistake: if exactly the expected comes out.
 */
import { EXIT, LabError, type Blame } from '../errors.ts';
import type { RunResult, ScenarioRun } from './run-result.ts';

/** In order of how bad it is: the worst wins. */
export const OUTCOMES = ['violated', 'failed', 'fault', 'inconclusive', 'refused', 'passed'] as const;
export type RunOutcome = (typeof OUTCOMES)[number];

export interface Judgement {
  outcome: RunOutcome;
  /** Why it is not `passed`, one sentence each. */
  reasons: string[];
}

export function judge(run: ScenarioRun): Judgement {
  if (run.refused !== undefined) return { outcome: 'refused', reasons: [run.refused] };
  const lack = run.expected.lost ? losses(run) : gaps(run);
  const found = [...violations(run), ...failures(run), ...faults(run), ...lack];
  const counted = isDisturbed(run) ? found.filter(({ outcome }) => outcome !== 'failed') : found;
  const outcome = OUTCOMES.find((it) => counted.some((finding) => finding.outcome === it)) ?? 'passed';
  return { outcome, reasons: found.map(({ reason }) => reason) };
}

/** Host, guest or lab ended it: what the steps did not see then says nothing about the driver. */
function isDisturbed({ fault, expected }: ScenarioRun): boolean {
  return (
    fault !== undefined && fault.code !== expected.fault && exitCodeOfBlame(fault.blame) !== EXIT.violated
  );
}

/** Exit code of the command: see design of the exit codes in lab/errors.ts. */
export function exitCode(result: RunResult): number {
  if (result.fault) return exitCodeOfBlame(result.fault.blame);
  const judged = result.runs.map((run) => ({ run, outcome: judge(run).outcome }));
  const worst = OUTCOMES.find((it) => judged.some(({ outcome }) => outcome === it)) ?? 'passed';
  if (worst === 'passed' && result.runs.length < (result.planned ?? 0)) return EXIT.inconclusive;
  if (worst === 'fault') {
    const codes = judged.flatMap(({ run: { fault } }) => (fault ? [exitCodeOfBlame(fault.blame)] : []));
    return codes.includes(EXIT.violated) ? EXIT.violated : Math.max(...codes);
  }
  return {
    violated: EXIT.violated,
    failed: EXIT.violated,
    inconclusive: EXIT.inconclusive,
    refused: EXIT.inconclusive,
    passed: EXIT.green,
  }[worst];
}

interface Finding {
  outcome: RunOutcome;
  reason: string;
}

function violations({ verdicts, expected }: ScenarioRun): Finding[] {
  const violated = verdicts.filter(({ outcome }) => outcome === 'violated').map(({ clause }) => clause);
  const unwanted = violated.filter((clause) => !expected.violated.includes(clause));
  const missed = expected.violated.filter((clause) => !violated.includes(clause));
  return [
    ...unwanted.map((clause) => ({ outcome: 'violated' as const, reason: `${clause} is violated` })),
    ...missed.map((clause) => ({
      outcome: 'failed' as const,
      reason: `${clause} should be violated here and is not`,
    })),
  ];
}

/** A fault that is expected takes the steps after it with it: what they saw is no news. */
function failures(run: ScenarioRun): Finding[] {
  if (isExpectedFault(run)) return [];
  return run.failures.map(({ step, text }) => ({ outcome: 'failed', reason: `${step}: ${text}` }));
}

function faults({ fault, expected }: ScenarioRun): Finding[] {
  if (fault?.code === expected.fault) return [];
  if (fault) return [{ outcome: 'fault', reason: `${fault.code}: ${fault.message}` }];
  return [{ outcome: 'failed', reason: `the run should end with ${expected.fault ?? ''} and does not` }];
}

/** Of a run that is to lose records: they are counted, and make what they could have decided inconclusive. */
function losses({ lostRecords, verdicts, exercises }: ScenarioRun): Finding[] {
  if (lostRecords === 0) return [{ outcome: 'failed', reason: 'records should be lost here and none was' }];
  const held = exercises.filter((clause) =>
    verdicts.some((it) => it.clause === clause && it.outcome === 'held'),
  );
  return held.map((clause) => ({
    outcome: 'failed',
    reason: `${clause} counts as held although ${lostRecords} records are missing`,
  }));
}

const isExpectedFault = ({ fault, expected }: ScenarioRun): boolean =>
  fault !== undefined && fault.code === expected.fault;

/** After a fault nothing more can be said, so only what the fault leaves unsaid in a whole run is a gap. */
function gaps(run: ScenarioRun): Finding[] {
  if (isExpectedFault(run)) return [];
  const { verdicts, exercises, fault } = run;
  const outcomeOf = new Map(verdicts.map((it) => [it.clause, it]));
  const inconclusive = verdicts.filter(({ outcome }) => outcome === 'inconclusive');
  const idle = exercises.filter(
    (clause) => (outcomeOf.get(clause)?.outcome ?? 'not exercised') === 'not exercised',
  );
  return [
    ...grouped(inconclusive.map(({ clause, reason = 'no reason given' }) => ({ clause, reason }))),
    ...(fault
      ? []
      : idle.map((clause): Finding => ({
          outcome: 'inconclusive',
          reason: `${clause} was to be exercised and was not`,
        }))),
  ];
}

/** One sentence for each reason: a lost record makes a hundred clauses inconclusive at once. */
function grouped(inconclusive: { clause: string; reason: string }[]): Finding[] {
  const byReason = new Map<string, { clause: string }[]>();
  for (const it of inconclusive) byReason.set(it.reason, [...(byReason.get(it.reason) ?? []), it]);
  return [...byReason].map(([reason, clauses]) => ({
    outcome: 'inconclusive',
    reason: `${clauses.length === 1 ? clauses[0]!.clause : `${clauses.length} clauses`} inconclusive: ${reason}`,
  }));
}

function exitCodeOfBlame(blame: Blame): number {
  return new LabError({ code: 'LAB_RUN', blame, message: '' }).exitCode;
}
