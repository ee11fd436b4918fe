/** A violation as people read it: the clause in words, what happened, the time line, and how to see it again. */
import pc from 'picocolors';
import type { ClauseFacts, ClauseVerdict, RunResult, ScenarioRun, TimelineEntry } from './run-result.ts';
import { cut, offsetMs, plural, wrapped } from './text.ts';

interface Found {
  verdict: ClauseVerdict;
  run: ScenarioRun;
  facts: ClauseFacts | undefined;
}

/** One section for each violated clause; those that their scenario expects come last, in one line each. */
export function violationLines(
  result: RunResult,
  { width, maxViolations }: { width: number; maxViolations: number },
): string[][] {
  const facts = new Map(result.clauses.map((clause) => [clause.id, clause]));
  const found = result.runs.flatMap((run) =>
    run.verdicts
      .filter(({ outcome }) => outcome === 'violated')
      .map((verdict): Found => ({ verdict, run, facts: facts.get(verdict.clause) })),
  );
  const isExpected = ({ run, verdict }: Found): boolean => run.expected.violated.includes(verdict.clause);
  const surprising = firstOfEachClause(found.filter((it) => !isExpected(it)));
  const rest = surprising.slice(maxViolations);
  const expected = found.filter(isExpected);
  return [
    ...surprising.slice(0, maxViolations).map((it) => oneViolation(it, width)),
    rest.map(
      ({ verdict, run }) => `${pc.red('violated')} ${verdict.clause} in ${run.scenario}; see run.json`,
    ),
    expected.length === 0
      ? []
      : [
          `${pc.bold('known mistakes')}, each reported for the clause that it breaks`,
          ...expected.map(({ run, verdict }) => cut(`  ${run.scenario.padEnd(38)} ${verdict.clause}`, width)),
        ],
  ];
}

function firstOfEachClause(found: Found[]): Found[] {
  const seen = new Set<string>();
  return found.filter(({ verdict: { clause } }) => !seen.has(clause) && seen.add(clause));
}

function oneViolation({ verdict, run, facts }: Found, width: number): string[] {
  const [violation] = verdict.violations;
  const binds = facts ? `the ${facts.party} ${facts.strength}, ${facts.class}` : '';
  const times = `broken ${verdict.broken} of ${plural(verdict.tested, 'time')}`;
  return [
    `${pc.red(pc.bold('violated'))} ${pc.bold(verdict.clause)}  ${pc.dim(binds)}`,
    ...wrapped(facts?.text ?? '', { width, indent: '  ' }),
    ...(facts?.page === undefined ? [] : [pc.dim(`  ${facts.page}`)]),
    ...wrapped(`${times} in ${run.scenario}, driver ${run.driver}: ${violation?.sentence ?? ''}`, {
      width,
      indent: '  ',
    }),
    ...(violation?.timeline ?? []).map((entry) => timelineLine(entry, width)),
    pc.dim(`  again:  ${run.command}`),
    pc.dim(`  trace:  ${run.folder}`),
  ];
}

function timelineLine({ timeNs, source, text, isDecisive }: TimelineEntry, width: number): string {
  const line = cut(`${offsetMs(timeNs)}  ${source.padEnd(8)}  ${text}`, width - 2);
  return isDecisive ? pc.bold(`> ${line}`) : `  ${line}`;
}
