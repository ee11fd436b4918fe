/** How many clauses came out how: in total, by area, and by class. */
import { worstOf } from '../check/merge.ts';
import type { ClauseFacts, RunResult } from './run-result.ts';

export const CLAUSE_OUTCOMES = [
  'held',
  'violated',
  'inconclusive',
  'not exercised',
  'not observable',
] as const;
export type ClauseOutcome = (typeof CLAUSE_OUTCOMES)[number];
export type Totals = Record<ClauseOutcome, number>;

export interface ClauseTotals {
  /** Of the obligations: what may be violated. */
  all: Totals;
  byArea: Map<string, Totals>;
  byClass: Map<ClauseFacts['class'], Totals>;
  /** Permissions bind nobody: how many of them were seen to be used, of how many. */
  permissionsSeen: number;
  permissions: number;
}

/**
 * Clauses without a rule are left out: they are the catalogue's business, not a run's. So are runs of a driver
 * with a known mistake: the totals speak of the driver under test.
 */
export function clauseTotals({ clauses, runs }: Pick<RunResult, 'clauses' | 'runs'>): ClauseTotals {
  const outcomes = worstOutcomes(runs.filter((run) => !expectsMistake(run)));
  const totals: ClauseTotals = {
    all: none(),
    byArea: new Map(),
    byClass: new Map(),
    permissionsSeen: 0,
    permissions: 0,
  };
  for (const clause of clauses) {
    if (clause.decided === 'missing') continue;
    const outcome: ClauseOutcome =
      clause.decided === 'none' ? 'not observable' : (outcomes.get(clause.id) ?? 'not exercised');
    if (clause.party === 'permission') {
      totals.permissions += 1;
      if (outcome === 'held') totals.permissionsSeen += 1;
      continue;
    }
    const area = clause.id.slice(0, clause.id.indexOf('/'));
    for (const counts of [totals.all, entry(totals.byArea, area), entry(totals.byClass, clause.class)]) {
      counts[outcome] += 1;
    }
  }
  return totals;
}

/** The worst outcome of each clause over all of the runs. */
export function worstOutcomes(
  runs: RunResult['runs'],
): Map<string, Exclude<ClauseOutcome, 'not observable'>> {
  const all = new Map<string, Exclude<ClauseOutcome, 'not observable'>[]>();
  for (const { verdicts } of runs) {
    for (const { clause, outcome } of verdicts) all.set(clause, [...(all.get(clause) ?? []), outcome]);
  }
  return new Map([...all].map(([clause, outcomes]) => [clause, worstOf(outcomes)]));
}

export const expectsMistake = ({ expected }: RunResult['runs'][number]): boolean =>
  expected.violated.length > 0 || expected.fault !== undefined || expected.lost === true;

function entry<Key>(map: Map<Key, Totals>, key: Key): Totals {
  const found = map.get(key) ?? none();
  map.set(key, found);
  return found;
}

function none(): Totals {
  return { held: 0, violated: 0, inconclusive: 0, 'not exercised': 0, 'not observable': 0 };
}
