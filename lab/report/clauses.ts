/** The `clauses` command: what the catalogue holds and which part of it is decided by rules. */
import pc from 'picocolors';
import type { ClauseFacts } from './run-result.ts';
import { columns, cut } from './text.ts';

/** One row per area: how many clauses it has, how many a rule decides, how many nothing can show, how many wait. */
export function renderAreas(clauses: readonly ClauseFacts[]): string {
  const areas = [...new Set(clauses.map(areaOf))].sort((a, b) => a.localeCompare(b));
  const row = (title: string, of: readonly ClauseFacts[]): string[] => [
    title,
    String(of.length),
    ...(['rule', 'none', 'missing'] as const).map((decided) =>
      String(of.filter((clause) => clause.decided === decided).length),
    ),
  ];
  return columns(
    ['area', 'clauses', 'with a rule', 'not observable', 'no rule yet'],
    [
      ...areas.map((area) =>
        row(
          area,
          clauses.filter((it) => areaOf(it) === area),
        ),
      ),
      row(pc.bold('all'), clauses),
    ],
    [1, 2, 3, 4],
  );
}

/** One line per clause. */
export function renderClauses(clauses: readonly ClauseFacts[], width = 100): string {
  const idWidth = Math.max(...clauses.map(({ id }) => id.length));
  const binds = ({ party, strength }: ClauseFacts): string =>
    party === 'permission' ? 'may' : `${party} ${strength}`;
  const mark = { rule: pc.green('rule'), none: pc.dim('none'), missing: pc.yellow('  - ') };
  return clauses
    .map((it) => {
      const line = `${it.id.padEnd(idWidth)}  ${mark[it.decided]}  ${binds(it).padEnd(16)}  `;
      const used = idWidth + 2 + 4 + 2 + 16 + 2;
      return line + cut(it.text, Math.max(20, width - used));
    })
    .join('\n');
}

const areaOf = ({ id }: ClauseFacts): string => id.slice(0, id.indexOf('/'));
