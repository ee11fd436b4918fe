/**
 * What the clients of a step must see: one word for all of them (`connected`), a list when each may see one of
 * several (`[eof, reset]`), or how many must see what (`{ echoed: 4, closed: 4 }`).
 */
import { z } from 'zod';
import type { OutcomeWord } from '../client/operation.ts';

/** Words of a scenario, and the outcomes of a client that each stands for. */
const WORDS = {
  connected: ['connected'],
  refused: ['refused'],
  unreachable: ['unreachable'],
  sent: ['sent'],
  received: ['received'],
  echoed: ['received'],
  eof: ['eof'],
  reset: ['reset'],
  timeout: ['timeout'],
  mismatch: ['mismatch'],
  done: ['done'],
  /** The peer ended the connection, in whichever way. */
  closed: ['eof', 'reset'],
  /** The peer did not take the connection, in whichever way. */
  'not-connected': ['refused', 'reset', 'timeout', 'unreachable'],
} as const satisfies Record<string, readonly OutcomeWord[]>;

export type ExpectedWord = keyof typeof WORDS;
const words = Object.keys(WORDS) as [ExpectedWord, ...ExpectedWord[]];

/** `any` accepts whatever happens: for clients whose fate the documentation leaves open. */
export const expectationSchema = z.union([
  z.enum(words),
  z.literal('any'),
  z.array(z.enum(words)).min(1),
  z.partialRecord(z.enum(words), z.int().min(0)),
]);
export type Expectation = z.output<typeof expectationSchema>;

/**
 * What is wrong with what the clients of one step saw, in words; null if it is as expected.
 * `expected 8 × connected, saw 7 × connected, 1 × refused`
 */
export function unexpected(expectation: Expectation, seen: readonly OutcomeWord[]): string | null {
  if (isAsExpected(expectation, seen)) return null;
  return `expected ${inWords(expectation, seen.length)}, saw ${tally(seen)}`;
}

function isAsExpected(expectation: Expectation, seen: readonly OutcomeWord[]): boolean {
  if (expectation === 'any') return true;
  if (typeof expectation === 'string') return seen.every((outcome) => stands(expectation, outcome));
  if (Array.isArray(expectation)) {
    return seen.every((outcome) => expectation.some((word) => stands(word, outcome)));
  }
  const counts = Object.entries(expectation) as [ExpectedWord, number][];
  const total = counts.reduce((sum, [, count]) => sum + count, 0);
  return (
    total === seen.length &&
    counts.every(([word, count]) => seen.filter((outcome) => stands(word, outcome)).length === count)
  );
}

function stands(word: ExpectedWord, outcome: OutcomeWord): boolean {
  return (WORDS[word] as readonly OutcomeWord[]).includes(outcome);
}

function inWords(expectation: Expectation, count: number): string {
  if (typeof expectation === 'string') return `${count} × ${expectation}`;
  if (Array.isArray(expectation)) return `${count} × ${expectation.join(' or ')}`;
  return Object.entries(expectation)
    .map(([word, times]) => `${times} × ${word}`)
    .join(', ');
}

function tally(seen: readonly OutcomeWord[]): string {
  const counts = new Map<string, number>();
  for (const word of seen) counts.set(word, (counts.get(word) ?? 0) + 1);
  return [...counts].map(([word, times]) => `${times} × ${word}`).join(', ') || 'nothing';
}
