/**
 * The summary of a run on the terminal: where it ran, which scenarios did not pass and why, how the clauses came
 * out, then each violation with its time line. Without violations it fits a screen.
 */
import pc from 'picocolors';
import { clauseLines } from './clause-table.ts';
import { crashLines } from './crash-text.ts';
import { judge, OUTCOMES, type RunOutcome } from './outcome.ts';
import type { Fault, GuestFacts, RunResult, ScenarioRun } from './run-result.ts';
import { cut, duration, plural, wrapped } from './text.ts';
import { violationLines } from './violation-text.ts';

export interface TerminalOptions {
  /** Columns of the terminal. */
  width?: number;
  /** Violations that are shown with their time line; the others are named. */
  maxViolations?: number;
}

const PAINT: Record<RunOutcome, (text: string) => string> = {
  passed: pc.green,
  violated: pc.red,
  failed: pc.red,
  fault: pc.red,
  inconclusive: pc.yellow,
  refused: pc.yellow,
};
const MARK: Record<RunOutcome, string> = {
  passed: '✓',
  violated: '✗',
  failed: '✗',
  fault: '!',
  inconclusive: '?',
  refused: '-',
};

export function renderRun(
  result: RunResult,
  { width = 100, maxViolations = 5 }: TerminalOptions = {},
): string {
  const sections = [
    guestLines(result.guest),
    ...(result.fault ? [faultLines(result.fault, width)] : []),
    runLines(result, width),
    ...crashLines(result, width),
    clauseLines(result, width),
    ...violationLines(result, { width, maxViolations }),
    [`${pc.dim('run folder')}  ${result.folder}`],
  ];
  return sections
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join('\n'))
    .join('\n\n');
}

/** One line of progress for a run of a scenario that just ended. */
export function renderScenarioRun(run: ScenarioRun, width = 100): string {
  const { outcome } = judge(run);
  const totalMs = Object.values(run.timingsMs).reduce((sum, ms) => sum + ms, 0);
  const time = totalMs > 0 ? `  ${duration(totalMs)}` : '';
  const seed = run.seed === 1 ? '' : ` (seed ${run.seed})`;
  const id = `${run.scenario}${seed}`.padEnd(34);
  const name = cut(run.name, Math.max(20, width - id.length - time.length - 4));
  return `${PAINT[outcome](MARK[outcome])} ${id} ${pc.dim(name)}${pc.dim(time)}`;
}

const ORIGIN = { clone: 'a clone each, ready in', boot: 'booted each in' };

function guestLines(guest: GuestFacts | undefined): string[] {
  if (!guest) return [];
  const facts = [
    `guest ${pc.bold(guest.name)}`,
    guest.image === undefined ? '' : `image ${guest.image}`,
    guest.accelerator ?? '',
    guest.network === undefined ? '' : `network ${guest.network}`,
    guest.readyMs === undefined ? '' : `${ORIGIN[guest.origin ?? 'boot']} ${duration(guest.readyMs)}`,
  ];
  const reason = guest.networkReason === undefined ? [] : [pc.yellow(`  ${guest.networkReason}`)];
  return [facts.filter((fact) => fact !== '').join(', '), ...reason];
}

function faultLines(fault: Fault, width: number): string[] {
  return [
    ...wrapped(`${fault.code} (blame: ${fault.blame}): ${fault.message}`, { width, indent: '  ' }).map(
      pc.red,
    ),
    ...fault.evidence.map((path) => `  see ${path}`),
    ...(fault.next === undefined ? [] : wrapped(`next: ${fault.next}`, { width, indent: '  ' })),
  ];
}

/** How many runs came out how, then those that did not pass, each with its reasons. */
function runLines({ runs, planned, durationMs }: RunResult, width: number): string[] {
  if (runs.length === 0) return [];
  const judged = runs.map((run) => ({ run, ...judge(run) }));
  const counts = [...OUTCOMES]
    .reverse()
    .map((outcome) => ({ outcome, count: judged.filter((it) => it.outcome === outcome).length }))
    .filter(({ count }) => count > 0)
    .map(({ outcome, count }) => PAINT[outcome](`${count} ${outcome}`));
  const missing = Math.max(0, (planned ?? 0) - runs.length);
  if (missing > 0) counts.push(pc.yellow(`${missing} without a result`));
  const heading = `${pc.bold('scenarios')}   ${counts.join(', ')}  ${pc.dim(`in ${duration(durationMs)}`)}`;
  const others = judged.filter(({ outcome }) => outcome !== 'passed');
  return [
    heading,
    ...others.flatMap(({ run, outcome, reasons }) => notPassed({ run, outcome, reasons, width })),
  ];
}

/** Reasons that are shown of one run, and lines of each; run.json has all. */
const MAX_REASONS = 4;
const MAX_REASON_LINES = 4;

function notPassed(parts: {
  run: ScenarioRun;
  outcome: RunOutcome;
  reasons: string[];
  width: number;
}): string[] {
  const { run, outcome, reasons, width } = parts;
  const seed = run.seed === 1 ? '' : `, seed ${run.seed}`;
  const more = reasons.length - MAX_REASONS;
  const fault = run.fault && run.fault.code !== run.expected.fault ? run.fault : undefined;
  return [
    `  ${PAINT[outcome](`${MARK[outcome]} ${outcome.padEnd(12)}`)} ${run.scenario}${seed}`,
    ...reasons.slice(0, MAX_REASONS).flatMap((it) => reasonLines(it, width)),
    ...(more > 0 ? [`      and ${plural(more, 'reason')} more, in run.json`] : []),
    ...(fault?.evidence ?? []).map((path) => `      see ${path}`),
    ...(fault?.next === undefined ? [] : wrapped(`next: ${fault.next}`, { width, indent: '      ' })),
    ...(outcome === 'refused' || outcome === 'violated' ? [] : [pc.dim(`      again: ${run.command}`)]),
  ];
}

function reasonLines(reason: string, width: number): string[] {
  const lines = wrapped(reason, { width, indent: '      ' });
  return lines.length <= MAX_REASON_LINES ? lines : [...lines.slice(0, MAX_REASON_LINES - 1), '      …'];
}
