/** The catalogue and the rules, joined: which clauses are decided, which cannot be, which wait for their rule. */
import type { Rule } from '../check/rule.ts';
import type { ClauseFacts } from '../report/run-result.ts';
import { clausesById, type Clause } from '../../specs/clauses/catalogue.ts';

export function clauseFacts(rules: readonly Rule[]): ClauseFacts[] {
  const decided = new Set(rules.map(({ clause }) => clause));
  return [...clausesById().values()].map((clause) => factsOf(clause, decided));
}

function factsOf(clause: Clause, decided: ReadonlySet<string>): ClauseFacts {
  const { id, party, strength, text, observability, why } = clause;
  const page = clause.sources.find((source) => source.page !== undefined)?.page;
  return {
    ...{ id, party, strength, text, class: clause.class },
    decided: decided.has(id) ? 'rule' : observability === 'none' ? 'none' : 'missing',
    ...(page !== undefined && { page }),
    ...(why !== undefined && { why }),
  };
}
