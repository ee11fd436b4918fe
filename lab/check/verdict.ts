/** What a check says about one clause. */
import type { EvidencePlace } from './evidence.ts';

export type Outcome = 'held' | 'violated' | 'not exercised' | 'inconclusive';

export interface Violation {
  /** What happened, in words, without the clause's own text. */
  sentence: string;
  /** Where to look, the decisive piece first. */
  shown: EvidencePlace[];
}

export interface Verdict {
  clause: string;
  outcome: Outcome;
  /** How often the clause was put to the test and decided. For a permission: how often it happened. */
  tested: number;
  /** How many of those broke it. */
  broken: number;
  /** The first of them, in order of the evidence. */
  violations: Violation[];
  /** Why it is inconclusive. */
  reason?: string;
}
