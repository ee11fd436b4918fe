/** The most common kind of rule: one record, one question about its fields. */
import type { Judge, Rule } from '../../lab/check/rule.ts';
import type { EventName, RecordOf } from '../../lab/trace/records.ts';

export interface RecordRule<Name extends EventName> {
  clause: string;
  party: Rule['party'];
  /** Records of these events are asked. */
  on: readonly Name[];
  /** Sound though other records are missing; see Rule. Default true: one record alone decides. */
  local?: boolean;
  /** Undefined: the clause is not about this record. True: kept. A text: broken, and how. */
  ask: (record: RecordOf<Name>, judge: Judge) => true | string | undefined;
}

export function recordRule<Name extends EventName>(about: RecordRule<Name>): Rule {
  const { clause, party, on, local = true, ask } = about;
  return {
    clause,
    party,
    ...(local ? { local: true as const } : {}),
    begin(judge) {
      const handle = (record: RecordOf<Name>) => {
        const answer = ask(record, judge);
        if (answer === true) judge.held();
        else if (answer !== undefined) judge.violated(record, answer);
      };
      return { on: Object.fromEntries(on.map((name) => [name, handle])) };
    },
  };
}

/** A permission: `happens` is true when what it permits has just happened. */
export function permissionRule<Name extends EventName>(
  clause: string,
  on: readonly Name[],
  happens: (record: RecordOf<Name>, judge: Judge) => boolean,
): Rule {
  return recordRule({
    clause,
    party: 'permission',
    on,
    local: false,
    ask: (record, judge) => (happens(record, judge) ? true : undefined),
  });
}
