/** How every clause of the catalogue came out: in total, by class, and by area. */
import { worstOf } from '../check/merge.ts';
import type { Outcome } from '../check/verdict.ts';
import type { ClauseFacts, RunResult } from './run-result.ts';

/** First what runs say of clauses that have a rule, then why the others have no verdict. */
export const CLAUSE_OUTCOMES = [
  'held',
  'violated',
  'inconclusive',
  'not exercised',
  'decided as another',
  'not observable',
  'no rule yet',
] as const;
export type ClauseOutcome = (typeof CLAUSE_OUTCOMES)[number];
export type Totals = Record<ClauseOutcome, number>;

/** Obligations by their class; permissions bind nobody, and `held` means that they were seen to be used. */
export const CLAUSE_GROUPS = ['documented', 'derived', 'silent', 'header', 'permissions'] as const;
export type ClauseGroup = (typeof CLAUSE_GROUPS)[number];

export interface ClauseTotals {
  /** Of the whole catalogue: the sum of the groups, and that of the areas. */
  all: Totals;
  byGroup: Record<ClauseGroup, Totals>;
  byArea: Map<string, Totals>;
}

/** Runs of a driver with a known mistake do not count: the totals speak of the driver under test. */
export function clauseTotals({ clauses, runs }: Pick<RunResult, 'clauses' | 'runs'>): ClauseTotals {
  const outcomes = worstOutcomes(runs.filter((run) => !expectsMistake(run)));
  const totals: ClauseTotals = {
    all: none(),
    byGroup: { documented: none(), derived: none(), silent: none(), header: none(), permissions: none() },
    byArea: new Map(),
  };
  for (const clause of clauses) {
    const outcome = WITHOUT_RULE[clause.decided] ?? outcomes.get(clause.id) ?? 'not exercised';
    const group = clause.party === 'permission' ? 'permissions' : clause.class;
    const area = areaOf(clause);
    if (!totals.byArea.has(area)) totals.byArea.set(area, none());
    for (const counts of [totals.all, totals.byGroup[group], totals.byArea.get(area)!]) counts[outcome] += 1;
  }
  return totals;
}

const WITHOUT_RULE: Partial<Record<ClauseFacts['decided'], ClauseOutcome>> = {
  another: 'decided as another',
  none: 'not observable',
  missing: 'no rule yet',
};

/** `evt` of `evt/disable-one`. */
export const areaOf = ({ id }: Pick<ClauseFacts, 'id'>): string => id.slice(0, id.indexOf('/'));

/** The number of clauses that a rule decides, and of all. */
export function decidable(totals: Totals): number {
  return totals.held + totals.violated + totals.inconclusive + totals['not exercised'];
}

export function sumOf(totals: Totals): number {
  return CLAUSE_OUTCOMES.reduce((sum, outcome) => sum + totals[outcome], 0);
}

/** The worst outcome of each clause over the runs. */
function worstOutcomes(runs: RunResult['runs']): Map<string, Outcome> {
  const worst = new Map<string, Outcome>();
  for (const { clause, outcome } of runs.flatMap(({ verdicts }) => verdicts)) {
    worst.set(clause, worstOf([outcome, worst.get(clause) ?? 'not exercised']));
  }
  return worst;
}

export const expectsMistake = ({ expected }: RunResult['runs'][number]): boolean =>
  expected.violated.length > 0 || expected.fault !== undefined || expected.lost === true;

function none(): Totals {
  return {
    ...{ held: 0, violated: 0, inconclusive: 0, 'not exercised': 0 },
    ...{ 'decided as another': 0, 'not observable': 0, 'no rule yet': 0 },
  };
}
