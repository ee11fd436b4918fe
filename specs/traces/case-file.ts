/** The files of this folder: stories, and per clause the cases that put its rule to the test. */
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { parse } from 'yaml';
import { z } from 'zod';
import { editSchema } from './edit.ts';
import { parseLines, type Line } from './story.ts';

const storyFile = z.strictObject({
  about: z.string(),
  tables: z.record(z.string(), z.array(z.union([z.string(), z.literal(0)]).transform(String))).default({}),
  trace: z.string(),
});

const outcome = z.enum(['held', 'violated', 'inconclusive', 'not exercised']);

const caseFile = z.strictObject({
  clause: z.string(),
  source: z.url(),
  cases: z.array(
    z.strictObject({
      title: z.string(),
      story: z.string(),
      edits: z.array(editSchema).default([]),
      expect: outcome,
      /** Clauses that have to be violated too, each with the reason why it is the same fact. */
      also: z.record(z.string(), z.string()).default({}),
      /** Lab bounds for this case, by their names in lab/check/bounds.ts. */
      bounds: z.record(z.string(), z.number()).optional(),
    }),
  ),
});

export type TraceCase = z.infer<typeof caseFile>['cases'][number];
export interface Story {
  name: string;
  tables: Record<string, readonly string[]>;
  lines: Line[];
}
export interface CaseFile {
  clause: string;
  cases: TraceCase[];
}

const here = new URL('./', import.meta.url);

function read<T>(schema: z.ZodType<T>, file: URL): T {
  const result = schema.safeParse(parse(readFileSync(file, 'utf8')));
  if (!result.success) throw new Error(`${file.pathname}: ${z.prettifyError(result.error)}`);
  return result.data;
}

const yamlNames = (folder: URL) =>
  readdirSync(folder)
    .filter((name) => name.endsWith('.yaml'))
    .map((name) => name.slice(0, -'.yaml'.length))
    .sort();

export function readStories(): Map<string, Story> {
  const folder = new URL('stories/', here);
  return new Map(
    yamlNames(folder).map((name) => {
      const { tables, trace } = read(storyFile, new URL(`${name}.yaml`, folder));
      return [name, { name, tables, lines: parseLines(trace) }];
    }),
  );
}

/** Every case file; it has to be called as its clause is. */
export function readCaseFiles(): CaseFile[] {
  const areas = readdirSync(here, { withFileTypes: true }).filter(
    (entry) => entry.isDirectory() && entry.name !== 'stories',
  );
  return areas.flatMap(({ name: area }) =>
    yamlNames(new URL(`${area}/`, here)).map((name) => {
      const file = new URL(`${area}/${name}.yaml`, here);
      const { clause, cases } = read(caseFile, file);
      if (clause !== `${area}/${name}`) throw new Error(`${file.pathname} is about ${clause}`);
      return { clause, cases };
    }),
  );
}

export const hasCaseFile = (clause: string) => existsSync(new URL(`${clause}.yaml`, here));
