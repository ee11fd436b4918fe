/** `clauses`: what the catalogue holds, and which part of it rules decide. */
import { writeFileSync } from 'node:fs';
import { EXIT, LabError } from '../errors.ts';
import { didYouMean } from '../config/nearest.ts';
import { renderAreas, renderClauses } from '../report/clauses.ts';
import { loadRules } from '../../specs/rules/index.ts';
import { clauseFacts } from './clause-facts.ts';

/** All areas in a table, or one area clause by clause. */
export async function clausesCommand(area: string | undefined, options: { json?: string }): Promise<number> {
  const facts = clauseFacts(await loadRules());
  const areas = new Set(facts.map(({ id }) => id.split('/')[0]!));
  if (area !== undefined && !areas.has(area)) {
    throw new LabError({
      code: 'LAB_CLAUSE_UNKNOWN',
      blame: 'usage',
      message: `no area '${area}'${didYouMean(area, areas)}`,
      next: `the areas are: ${[...areas].sort().join(', ')}`,
    });
  }
  const shown = area === undefined ? facts : facts.filter(({ id }) => id.startsWith(`${area}/`));
  if (options.json !== undefined) writeFileSync(options.json, `${JSON.stringify(shown, null, 2)}\n`);
  process.stdout.write(
    `${area === undefined ? renderAreas(shown) : renderClauses(shown, process.stdout.columns || 100)}\n`,
  );
  return EXIT.green;
}
