/** The catalogue and the rules, joined: which clauses are decided, which cannot be, which wait for their rule. */
import type { Rule } from '../check/rule.ts';
import type { ClauseFacts } from '../report/run-result.ts';
import { clausesById, type Clause } from '../../specs/clauses/catalogue.ts';

export function clauseFacts(rules: readonly Rule[]): ClauseFacts[] {
  const withRule = new Set(rules.map(({ clause }) => clause));
  return [...clausesById().values()].map((clause) => factsOf(clause, withRule));
}

function factsOf(clause: Clause, withRule: ReadonlySet<string>): ClauseFacts {
  const { id, party, strength, text, why, decidedAs } = clause;
  const page = clause.sources.find((source) => source.page !== undefined)?.page;
  return {
    ...{ id, party, strength, text, class: clause.class },
    decided: howDecided(clause, withRule),
    ...(decidedAs !== undefined && { decidedAs }),
    ...(page !== undefined && { page }),
    ...(why !== undefined && { why }),
  };
}

function howDecided({ id, decidedAs, observability }: Clause, withRule: ReadonlySet<string>) {
  if (withRule.has(id)) return 'rule';
  if (decidedAs?.every((other) => withRule.has(other))) return 'another';
  return observability === 'none' ? 'none' : 'missing';
}
