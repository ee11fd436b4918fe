/** The `clauses` command: what the catalogue holds and which part of it is decided by rules. */
import pc from 'picocolors';
import { areaOf } from './clause-totals.ts';
import type { ClauseFacts } from './run-result.ts';
import { columns, wrapped } from './text.ts';

/** One row per area: how many clauses it has, and how many of them are decided how. */
export function renderAreas(clauses: readonly ClauseFacts[]): string {
  const areas = [...new Set(clauses.map(areaOf))].sort((a, b) => a.localeCompare(b));
  const row = (title: string, of: readonly ClauseFacts[]): string[] => [
    title,
    String(of.length),
    ...(['rule', 'another', 'none', 'missing'] as const).map((decided) =>
      String(of.filter((clause) => clause.decided === decided).length),
    ),
  ];
  return columns(
    ['area', 'clauses', 'with a rule', 'decided as another', 'not observable', 'no rule yet'],
    [
      ...areas.map((area) =>
        row(
          area,
          clauses.filter((it) => areaOf(it) === area),
        ),
      ),
      row(pc.bold('all'), clauses),
    ],
    [1, 2, 3, 4, 5],
  );
}

/** Each clause: whether a rule decides it, whom it binds, then its text, and why it has no verdict of its own. */
export function renderClauses(clauses: readonly ClauseFacts[], width = 100): string {
  const idWidth = Math.max(...clauses.map(({ id }) => id.length));
  return clauses
    .flatMap((clause) => {
      const binds = clause.party === 'permission' ? 'may' : `${clause.party} ${clause.strength}`;
      return [
        `${pc.bold(clause.id.padEnd(idWidth))}  ${decidedText(clause)}, ${binds}, ${clause.class}`,
        ...wrapped(clause.text, { width, indent: '    ' }),
        ...(clause.why === undefined ? [] : wrapped(`(${clause.why})`, { width, indent: '    ' })),
      ];
    })
    .join('\n');
}

function decidedText({ decided, decidedAs = [] }: ClauseFacts): string {
  switch (decided) {
    case 'rule':
      return pc.green('has a rule');
    case 'another':
      return pc.green(`decided as ${decidedAs.join(', ')}`);
    case 'none':
      return pc.dim('not observable');
    case 'missing':
      return pc.yellow('no rule yet');
  }
}
