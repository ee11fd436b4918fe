/**
 * Merges the verdicts of several runs, or of several scenarios, into one per clause. The worst outcome wins, as
 * in Jepsen: violated > inconclusive > held > not exercised.
 */
import type { Outcome, Verdict } from './verdict.ts';

const WORST_FIRST: readonly Outcome[] = ['violated', 'inconclusive', 'held', 'not exercised'];

export const worstOf = (outcomes: Iterable<Outcome>): Outcome => {
  const seen = new Set(outcomes);
  return WORST_FIRST.find((outcome) => seen.has(outcome)) ?? 'not exercised';
};

/** `maxShown` is how many violations are kept per clause; all are counted. Places are those of their own runs. */
export function mergeVerdicts(runs: Iterable<readonly Verdict[]>, maxShown = 10): Verdict[] {
  const merged = new Map<string, Verdict>();
  for (const verdict of [...runs].flat()) {
    const known = merged.get(verdict.clause);
    merged.set(verdict.clause, known ? mergeTwo(known, verdict, maxShown) : verdict);
  }
  return [...merged.values()];
}

function mergeTwo(one: Verdict, other: Verdict, maxShown: number): Verdict {
  const outcome = worstOf([one.outcome, other.outcome]);
  const reason = outcome === 'inconclusive' ? (one.reason ?? other.reason) : undefined;
  return {
    clause: one.clause,
    outcome,
    tested: one.tested + other.tested,
    broken: one.broken + other.broken,
    violations: [...one.violations, ...other.violations].slice(0, maxShown),
    ...(reason === undefined ? {} : { reason }),
  };
}
