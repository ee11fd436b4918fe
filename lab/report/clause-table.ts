/** How the clauses of the catalogue came out, as the summary shows it: a row per verdict, a column per class. */
import pc from 'picocolors';
import {
  CLAUSE_GROUPS,
  CLAUSE_OUTCOMES,
  clauseTotals,
  decidable,
  expectsMistake,
  sumOf,
  type ClauseOutcome,
  type Totals,
} from './clause-totals.ts';
import type { RunResult } from './run-result.ts';
import { columns, plural, wrapped } from './text.ts';

const PAINT: Partial<Record<ClauseOutcome, (text: string) => string>> = {
  held: pc.green,
  violated: pc.red,
  inconclusive: pc.yellow,
};

/** Nothing when nothing was judged that speaks of the driver under test. */
export function clauseLines(result: RunResult, width: number): string[] {
  const counted = result.runs.filter((run) => !expectsMistake(run) && run.verdicts.length > 0);
  if (result.clauses.length === 0 || counted.length === 0) return [];
  const totals = clauseTotals(result);
  const groups = [totals.all, ...CLAUSE_GROUPS.map((group) => totals.byGroup[group])];
  const rows = CLAUSE_OUTCOMES.map((outcome) => {
    const paint = PAINT[outcome] ?? String;
    return [outcome, ...groups.map((counts) => number(counts[outcome], paint))];
  });
  const sums = ['all clauses', ...groups.map((counts) => String(sumOf(counts)))].map(pc.bold);
  const table = columns(['clauses', 'all', ...CLAUSE_GROUPS], [...rows, sums], [1, 2, 3, 4, 5, 6]);
  return [table, ...notes(result, totals.byArea, width).map(pc.dim)];
}

const number = (count: number, paint: (text: string) => string): string =>
  count === 0 ? pc.dim('0') : paint(String(count));

function notes({ runs }: RunResult, byArea: ReadonlyMap<string, Totals>, width: number): string[] {
  const noBreak = '\u00a0';
  const areas = [...byArea]
    .filter(([, totals]) => totals.held > 0)
    .map(([area, totals]) => `${area}${noBreak}${totals.held}/${decidable(totals)}`);
  const mistakes = runs.filter(expectsMistake).length;
  return [
    'permissions bind nobody: held means seen to be used',
    ...(mistakes > 0 ? [`not counted: ${plural(mistakes, 'run')} with a known mistake`] : []),
    ...(areas.length > 0 ? [`held of those with a rule: ${areas.join(', ')}`] : []),
  ].flatMap((text) => wrapped(text, { width, indent: '  ' }));
}
