/** The catalogue of clauses: everything that Microsoft's pages say about WSK, one YAML file per area. */
import { readFileSync, readdirSync } from 'node:fs';
import { parse } from 'yaml';
import { z } from 'zod';

const area = z.string().regex(/^[a-z-]+$/);

const source = z
  .strictObject({
    page: z.url().optional(),
    section: z.string().optional(),
    note: z.string().optional(),
  })
  .refine((it) => it.page !== undefined || it.note !== undefined, 'a source needs a page or a note');

const clause = z
  .strictObject({
    id: z.string().regex(/^[a-z-]+\/[a-z0-9-]+$/),
    party: z.enum(['driver', 'subsystem', 'permission']),
    strength: z.enum(['must', 'should', 'may']),
    class: z.enum(['documented', 'derived', 'silent', 'header']),
    basis: z.string().optional(),
    text: z.string(),
    decidedBy: z.string().optional(),
    observability: z.enum(['full', 'partial', 'none']),
    why: z.string().optional(),
    decidedAs: z.array(z.string()).min(1).optional(),
    sources: z.array(source).min(1),
  })
  .refine(
    (it) => it.observability === 'full' || it.why !== undefined,
    'what is not fully observable says why',
  )
  .refine(
    (it) => (it.party === 'permission') === (it.strength === 'may'),
    'a permission, and only that, is a may',
  );

const areaFile = z.strictObject({ area, title: z.string(), clauses: z.array(clause).min(1) });

/**
 * One clause. `class`: written in a page (documented), following from written ones (derived), the careful reading
 * of a silence (silent), or said by comments in wsk.h only (header). `party`: who is bound; a permission binds
 * nobody and is never violated. `decidedAs`: the same facts in a trace are judged under these ids, so that one
 * mistake has one name; such a clause has no rule of its own. `observability` and `why`: what a trace with packets and clients can show of it.
 */
export type Clause = z.infer<typeof clause>;
export interface ClauseArea {
  area: string;
  title: string;
  clauses: Clause[];
}

/** Reads one area's file; the message of an error names the file and the path of the wrong value. */
function readArea(file: URL): ClauseArea {
  const result = areaFile.safeParse(parse(readFileSync(file, 'utf8')));
  if (!result.success) throw new Error(`${file.pathname}: ${z.prettifyError(result.error)}`);
  return result.data;
}

/** Every area in the order of its file's name. */
export function readCatalogue(): ClauseArea[] {
  const folder = new URL('./', import.meta.url);
  return readdirSync(folder)
    .filter((name) => name.endsWith('.yaml'))
    .sort()
    .map((name) => readArea(new URL(name, folder)));
}

/** Every clause by its id. */
export function clausesById(catalogue = readCatalogue()): Map<string, Clause> {
  return new Map(catalogue.flatMap(({ clauses }) => clauses.map((it) => [it.id, it])));
}
