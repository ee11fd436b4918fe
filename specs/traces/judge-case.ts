/** Runs every rule over one case: its lines as bytes, decoded again as a trace file would be. */
import type { Bounds } from '../../lab/check/bounds.ts';
import { Checker, type CheckOptions } from '../../lab/check/check.ts';
import type { Evidence, Source } from '../../lab/check/evidence.ts';
import type { Rule } from '../../lab/check/rule.ts';
import type { Verdict } from '../../lab/check/verdict.ts';
import { RecordDecoder } from '../../lab/trace/decoder.ts';
import { encodeRecords, type RecordInput } from '../../lab/trace/encoder.ts';
import type { TraceRecord } from '../../lab/trace/records.ts';
import type { Story, TraceCase } from './case-file.ts';
import { applyEdits } from './edit.ts';
import { buildEvidence } from './evidence.ts';

/** Through the bytes of a trace file and back, so that cases see what a real trace would give. */
function decode(records: readonly RecordInput[]): TraceRecord[] {
  const decoder = new RecordDecoder();
  const decoded = decoder.push(encodeRecords(records)).records;
  decoder.end();
  if (decoder.failure) throw decoder.failure;
  return decoded;
}

export function evidenceOf(story: Story, edits: TraceCase['edits']): Evidence[] {
  const { lines, known } = applyEdits(story.lines, edits);
  const { records, packets, operations } = buildEvidence(lines, known, story.tables);
  const decoded = decode(records.map(({ label: _, ...record }) => record as unknown as RecordInput));
  const timed: [number, Evidence][] = [
    ...decoded.map((record): [number, Evidence] => [record.time, { source: 'trace', record }]),
    ...packets.map((packet): [number, Evidence] => [packet.time, { source: 'wire', packet }]),
    ...operations.map((operation): [number, Evidence] => [operation.time, { source: 'client', operation }]),
  ];
  return timed.sort(([one], [other]) => one - other).map(([, evidence]) => evidence);
}

/** Which kinds of evidence a run of this story would have collected. */
function sourcesOf(story: Story): Source[] {
  const has = (event: string) => story.lines.some((line) => line.event === event);
  return [...(has('packet') ? ['wire' as const] : []), ...(has('client') ? ['client' as const] : [])];
}

const SECOND_NS = 1_000_000_000;
/** Stories have bounds of their own, so that their times need not follow the lab's. */
const STORY_BOUNDS: Partial<Bounds> = {
  soonNs: 5 * SECOND_NS,
  dispatchNs: SECOND_NS,
  waitNs: 2 * SECOND_NS,
  shutdownNs: 3 * SECOND_NS,
  settleNs: SECOND_NS,
};

/** The options under which a case is judged. */
export const optionsOf = (
  story: Story,
  { bounds }: Pick<TraceCase, 'bounds'>,
  rules: readonly Rule[],
): CheckOptions => ({ rules, sources: sourcesOf(story), bounds: { ...STORY_BOUNDS, ...bounds } });

/** Every clause with its verdict. */
export function judge(evidence: readonly Evidence[], options: CheckOptions): Map<string, Verdict> {
  const checker = new Checker(options);
  for (const piece of evidence) checker.take(piece);
  return new Map(checker.end().map((verdict) => [verdict.clause, verdict]));
}

export const judgeCase = (
  story: Story,
  trace: Pick<TraceCase, 'edits' | 'bounds'>,
  rules: readonly Rule[],
): Map<string, Verdict> => judge(evidenceOf(story, trace.edits), optionsOf(story, trace, rules));
