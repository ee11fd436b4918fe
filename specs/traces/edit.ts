/** A case is a story with a few edits; these are the edits. */
import { z } from 'zod';
import { parseLines, type Line } from './story.ts';

const label = z.string();
const labels = z.union([label, z.array(label)]);

/**
 * `set: accept1.return status=pending` changes fields of a line. `delete` and `move` take a line together with
 * what belongs to it (`accept1`, `accept1.return`). `cut` ends the evidence before a line; `lose` says how many
 * records are missing before one.
 */
export const editSchema = z.union([
  z.strictObject({ set: labels }),
  z.strictObject({ delete: labels }),
  z.strictObject({ insert: z.string(), after: label }),
  z.strictObject({ insert: z.string(), before: label }),
  z.strictObject({ move: labels, after: label }),
  z.strictObject({ move: labels, before: label }),
  z.strictObject({ cut: label }),
  z.strictObject({ lose: z.int().positive(), before: label }),
]);
export type Edit = z.infer<typeof editSchema>;

const list = (value: string | string[]) => (Array.isArray(value) ? value : [value]);
const belongs = (line: Line, to: string) => line.label === to || line.label.startsWith(`${to}.`);

function indexOf(lines: readonly Line[], label: string): number {
  const index = lines.findIndex((line) => line.label === label);
  if (index < 0) throw new Error(`there is no line "${label}"`);
  return index;
}

/** Index at which to insert: before or after that very line. */
function place(lines: readonly Line[], where: { after: string } | { before: string }): number {
  return 'after' in where ? indexOf(lines, where.after) + 1 : indexOf(lines, where.before);
}

function set(lines: readonly Line[], change: string): Line[] {
  const [label = '', ...words] = change.trim().split(/\s+/);
  const index = indexOf(lines, label);
  const [read] = parseLines(`${label} set ${words.join(' ')}`);
  return lines.map((line, at) =>
    at === index ? { ...line, fields: { ...line.fields, ...read?.fields } } : line,
  );
}

function remove(lines: readonly Line[], label: string): Line[] {
  const rest = lines.filter((line) => !belongs(line, label));
  if (rest.length === lines.length) throw new Error(`there is no line "${label}" to delete`);
  return rest;
}

function applyEdit(lines: readonly Line[], edit: Edit, known: readonly Line[]): Line[] {
  if ('set' in edit) return list(edit.set).reduce(set, [...lines]);
  if ('delete' in edit) return list(edit.delete).reduce(remove, [...lines]);
  if ('cut' in edit) return lines.slice(0, indexOf(lines, edit.cut));
  if ('lose' in edit) return set(lines, `${edit.before} lost=${edit.lose}`);
  if ('insert' in edit) {
    const at = place(lines, edit);
    return [...lines.slice(0, at), ...parseLines(edit.insert, known), ...lines.slice(at)];
  }
  const moved = lines.filter((line) => list(edit.move).some((label) => belongs(line, label)));
  const rest = list(edit.move).reduce(remove, [...lines]);
  const at = place(rest, edit);
  return [...rest.slice(0, at), ...moved, ...rest.slice(at)];
}

/** The lines after all edits, and every line that ever was: a return may speak of a call that was deleted. */
export function applyEdits(story: readonly Line[], edits: readonly Edit[]): { lines: Line[]; known: Line[] } {
  let lines = [...story];
  const known = new Map(story.map((line) => [line.label, line]));
  for (const edit of edits) {
    lines = applyEdit(lines, edit, [...known.values()]);
    for (const line of lines) known.set(line.label, line);
  }
  const labels = new Set(lines.map((line) => line.label));
  if (labels.size !== lines.length) {
    const twice = lines.find((line, at) => lines.findIndex((it) => it.label === line.label) !== at);
    throw new Error(`two lines are called "${twice?.label}"`);
  }
  return { lines, known: [...known.values()] };
}
