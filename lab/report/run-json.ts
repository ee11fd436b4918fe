/** run.json: the result of a run on disk. */
import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { z } from 'zod';
import { LabError } from '../errors.ts';
import { RUN_FORMAT, type RunResult, runResultSchema } from './run-result.ts';

/** Whole or not at all: the file appears with its full content. */
export function writeRunJson(path: string, result: RunResult): void {
  const text = `${JSON.stringify(runResultSchema.parse(result), null, 2)}\n`;
  try {
    writeFileSync(`${path}.part`, text);
    renameSync(`${path}.part`, path);
  } finally {
    rmSync(`${path}.part`, { force: true });
  }
}

/** @throws LabError LAB_RUN_JSON (usage): not readable, not of this form, or of a newer one */
export function readRunJson(path: string): RunResult {
  const refused = (message: string, cause?: unknown): LabError =>
    new LabError({ code: 'LAB_RUN_JSON', blame: 'usage', message: `${path}: ${message}`, cause });
  let value: unknown;
  try {
    value = JSON.parse(readFileSync(path, 'utf8'));
  } catch (cause) {
    throw refused('not readable as JSON', cause);
  }
  const format = (value as { format?: unknown } | null)?.format;
  if (typeof format === 'number' && format > RUN_FORMAT) {
    throw refused(`of format ${format}, and this lab reads up to ${RUN_FORMAT}`);
  }
  const parsed = runResultSchema.safeParse(value);
  if (!parsed.success) throw refused(z.prettifyError(parsed.error));
  return parsed.data;
}
