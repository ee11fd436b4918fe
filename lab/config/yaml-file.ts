/**
 * Reading the YAML files that people write. Every problem of a file is reported at once, each with its line,
 * its column, what was expected and what was found, and the nearest valid word for a mistyped one.
 */
import { readFileSync } from 'node:fs';
import { relative } from 'node:path';
import { type Document, LineCounter, parseDocument } from 'yaml';
import type { z } from 'zod';
import { LabError } from '../errors.ts';
import { didYouMean } from './nearest.ts';
import { keysAt } from './schema-words.ts';
import { aliasPosition, keyPosition, type Position, valuePosition } from './yaml-position.ts';

interface Problem extends Position {
  text: string;
}

/** Longest file that is read, in bytes: people write these. */
const MAX_BYTES = 1 << 20;

/**
 * The file's content as the schema gives it back.
 * @throws LabError LAB_YAML_UNREADABLE, LAB_YAML_INVALID (message: one line `file:line:column: problem` each)
 */
export function readYaml<Schema extends z.ZodType>(path: string, schema: Schema): z.output<Schema> {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (cause) {
    throw new LabError({
      code: 'LAB_YAML_UNREADABLE',
      blame: 'usage',
      message: `cannot read ${shown(path)}: ${(cause as NodeJS.ErrnoException).code ?? String(cause)}`,
      next: 'check the path and its permissions',
      cause,
    });
  }
  return parseYaml(text, path, schema);
}

/** The same for a text at hand; `path` only names it in messages. */
export function parseYaml<Schema extends z.ZodType>(
  text: string,
  path: string,
  schema: Schema,
): z.output<Schema> {
  if (Buffer.byteLength(text) > MAX_BYTES) {
    throw invalid(path, [{ line: 1, column: 1, text: `the file is larger than ${MAX_BYTES} bytes` }]);
  }
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const faults = syntaxProblems(document, lines);
  if (faults.length > 0) throw invalid(path, faults);
  const value: unknown = document.toJS();
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  throw invalid(
    path,
    result.error.issues.flatMap((issue) => problemsOf(issue, { schema, document, lines, value })),
  );
}

function syntaxProblems(document: Document, lines: LineCounter): Problem[] {
  const alias = aliasPosition(document, lines);
  return [
    ...[...document.errors, ...document.warnings].map((error) => {
      const { line, col } = lines.linePos(error.pos[0]);
      return { line, column: col, text: lowerFirst(error.message) };
    }),
    ...(alias
      ? [{ ...alias, text: 'aliases (*name) are not used in these files: write the value out' }]
      : []),
  ];
}

interface Source {
  schema: z.ZodType;
  document: Document;
  lines: LineCounter;
  value: unknown;
}

function problemsOf(issue: z.core.$ZodIssue, source: Source): Problem[] {
  const { schema, document, lines } = source;
  const place = valuePosition(document, lines, issue.path);
  if (issue.code === 'unrecognized_keys') {
    const known = keysAt(schema, issue.path);
    return issue.keys.map((key) => ({
      ...keyPosition(document, lines, issue.path, key),
      text: `unknown key '${key}'${didYouMean(key, known) || oneOf(known)}`,
    }));
  }
  const nearest = issue.code === 'invalid_union' ? nearestAlternative(issue) : undefined;
  if (nearest) return nearest.flatMap((it) => problemsOf(it, source));
  const found = valueAt(source.value, issue.path);
  if (found === undefined && issue.path.length > 0) {
    return [{ ...place, text: `the key '${String(issue.path.at(-1))}' is missing${missingType(issue)}` }];
  }
  return [{ ...place, text: `${named(issue.path)}${describe(issue, found)}` }];
}

function describe(issue: z.core.$ZodIssue, found: unknown): string {
  switch (issue.code) {
    case 'invalid_type':
      return `expected ${typeName(issue.expected)}, found ${shownValue(found)}`;
    case 'invalid_value': {
      const words = issue.values.map(String);
      return `found ${shownValue(found)}${didYouMean(String(found), words) || oneOf(words)}`;
    }
    case 'too_small':
      return `expected at least ${issue.minimum}${sizeUnit(issue.origin)}, found ${shownValue(found)}`;
    case 'too_big':
      return `expected at most ${issue.maximum}${sizeUnit(issue.origin)}, found ${shownValue(found)}`;
    case 'invalid_format':
      return `expected the form ${issue.pattern ?? issue.format}, found ${shownValue(found)}`;
    case 'invalid_union':
      return unionProblem(issue, found);
    case 'custom':
      return issue.message;
    default:
      return `${lowerFirst(issue.message)}, found ${shownValue(found)}`;
  }
}

/** The problems of the form that was meant: the one whose kind of value is right, with the fewest problems. */
function nearestAlternative(issue: z.core.$ZodIssueInvalidUnion): z.core.$ZodIssue[] | undefined {
  const isWrongKind = ({ code, path }: z.core.$ZodIssue): boolean =>
    path.length === 0 && (code === 'invalid_type' || code === 'invalid_value');
  const [best] = issue.errors
    .filter((alternative) => !alternative.some(isWrongKind))
    .sort((a, b) => a.length - b.length);
  return best?.map((it) => ({ ...it, path: [...issue.path, ...it.path] }));
}

/** The forms that a value may have, when it has none of them. */
function unionProblem(issue: z.core.$ZodIssueInvalidUnion, found: unknown): string {
  const issues = issue.errors.flat();
  const words = issues.flatMap((it) => (it.code === 'invalid_value' ? it.values.map(String) : []));
  const types = issues.flatMap((it) => (it.code === 'invalid_type' ? [typeName(it.expected)] : []));
  const meant = typeof found === 'string' ? didYouMean(found, words) : '';
  if (meant) return `found ${shownValue(found)}${meant}`;
  return `expected ${[...new Set([...words, ...types])].join(' or ')}, found ${shownValue(found)}`;
}

function invalid(path: string, problems: Problem[]): LabError {
  const lines = problems
    .sort((a, b) => a.line - b.line || a.column - b.column)
    .map(({ line, column, text }) => `${shown(path)}:${line}:${column}: ${text}`);
  return new LabError({
    code: 'LAB_YAML_INVALID',
    blame: 'usage',
    message: lines.join('\n'),
    next: `correct ${shown(path)} at ${lines.length === 1 ? 'this place' : 'these places'}`,
  });
}

function valueAt(value: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>(
    (at, step) =>
      at !== null && typeof at === 'object' ? (at as Record<PropertyKey, unknown>)[step] : undefined,
    value,
  );
}

const TYPE_NAMES: Record<string, string> = {
  int: 'a whole number',
  number: 'a number',
  string: 'a text',
  boolean: 'true or false',
  array: 'a list',
  object: 'a mapping (key: value)',
  record: 'a mapping (key: value)',
};
const typeName = (type: string): string => TYPE_NAMES[type] ?? type;
const missingType = (issue: z.core.$ZodIssue): string =>
  issue.code === 'invalid_type' ? ` (${typeName(issue.expected)})` : '';
const sizeUnit = (origin: string): string =>
  origin === 'array' ? ' entries' : origin === 'string' ? ' characters' : '';
const oneOf = (words: readonly string[]): string =>
  words.length === 0 ? '' : `, expected one of ${words.join(', ')}`;
const lowerFirst = (text: string): string => text.charAt(0).toLowerCase() + text.slice(1);

/** The name of the last key on the way, so that a message can be read without the file. */
function named(path: readonly PropertyKey[]): string {
  const key = path.findLast((step) => typeof step === 'string');
  return key === undefined ? '' : `${key}: `;
}

function shownValue(value: unknown): string {
  if (value === null || value === undefined) return 'nothing';
  if (Array.isArray(value)) return `a list of ${value.length}`;
  if (typeof value === 'object') return `a mapping with ${Object.keys(value).join(', ') || 'no keys'}`;
  const text = typeof value === 'string' ? `'${value}'` : JSON.stringify(value);
  return `${typeof value} ${text.length > 60 ? `${text.slice(0, 57)}…'` : text}`;
}

function shown(path: string): string {
  const fromHere = relative(process.cwd(), path);
  return fromHere.startsWith('..') || fromHere === '' ? path : fromHere;
}
