/** What holds of every trace: how its bytes arrive changes no verdict, and what is missing from it breaks no clause. */
import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { CheckOptions } from '../../lab/check/check.ts';
import type { Evidence } from '../../lab/check/evidence.ts';
import { RecordDecoder } from '../../lab/trace/decoder.ts';
import { encodeRecord } from '../../lab/trace/encoder.ts';
import type { TraceRecord } from '../../lab/trace/records.ts';
import { loadRules } from '../rules/index.ts';
import { readCaseFiles, readStories } from './case-file.ts';
import { evidenceOf, judge, optionsOf } from './judge-case.ts';

const stories = readStories();
/** Every story as it is, and every case made from one. */
const traces = [
  ...[...stories.values()].map((story) => ({ title: story.name, story, edits: [], bounds: undefined })),
  ...readCaseFiles().flatMap(({ clause, cases }) =>
    cases.map(({ title, story, edits, bounds }) => ({
      title: `${clause}: ${title}`,
      story: stories.get(story)!,
      edits,
      bounds,
    })),
  ),
];
const title = fc.constantFrom(...traces.map((trace) => trace.title));

/** Between two pieces, as a part of the whole: before the first is 0, after the last is 1. */
const place = fc.double({ min: 0, max: 1, noNaN: true });
const indexOf = (evidence: readonly unknown[], at: number) => Math.floor(at * evidence.length);

/** The same evidence, the trace through bytes that come in blocks of these sizes. */
function inBlocks(evidence: readonly Evidence[], sizes: readonly number[]): Evidence[] {
  const records = evidence.flatMap((piece) => (piece.source === 'trace' ? [piece.record] : []));
  const bytes = Buffer.concat(records.map((record) => encodeRecord(record)));
  const decoder = new RecordDecoder();
  const decoded: TraceRecord[] = [];
  for (let at = 0, turn = 0; at < bytes.length; turn++) {
    const end = at + sizes[turn % sizes.length]!;
    decoded.push(...decoder.push(bytes.subarray(at, end)).records);
    at = end;
  }
  return evidence.map((piece) =>
    piece.source === 'trace' ? { source: 'trace', record: decoded.shift()! } : piece,
  );
}

/** Without the records in this range; those after it count them as discarded. */
function withoutRecords(evidence: readonly Evidence[], from: number, count: number): Evidence[] {
  let lost = 0;
  return evidence.flatMap((piece, index): Evidence[] => {
    if (piece.source !== 'trace') return [piece];
    if (index >= from && index < from + count) {
      lost++;
      return [];
    }
    return [{ ...piece, record: { ...piece.record, discarded: piece.record.discarded + lost } }];
  });
}

describe('a trace that is not whole', function () {
  this.timeout(120_000);
  let rules: CheckOptions['rules'];
  before(async () => void (rules = await loadRules()));

  const open = (name: string) => {
    const trace = traces.find((each) => each.title === name)!;
    const options = optionsOf(trace.story, trace, rules);
    return { evidence: evidenceOf(trace.story, trace.edits), options };
  };

  const violated = (evidence: readonly Evidence[], options: CheckOptions) =>
    [...judge(evidence, options).values()].filter(({ outcome }) => outcome === 'violated');

  /** Whatever `spoil` takes away, nothing is broken that the whole trace does not break. */
  function breaksNothing(name: string, spoil: (evidence: readonly Evidence[]) => readonly Evidence[]): void {
    const { evidence, options } = open(name);
    const broken = new Set(violated(evidence, options).map(({ clause }) => clause));
    const more = violated(spoil(evidence), options).filter(({ clause }) => !broken.has(clause));
    assert.deepEqual(more, []);
  }

  it('is judged the same in whatever blocks it arrives', () => {
    fc.assert(
      fc.property(title, fc.array(fc.integer({ min: 1, max: 500 }), { minLength: 1 }), (name, sizes) => {
        const { evidence, options } = open(name);
        assert.deepEqual(judge(inBlocks(evidence, sizes), options), judge(evidence, options));
      }),
      { numRuns: 30 },
    );
  });

  it('breaks no clause that the whole one keeps, wherever it ends', () => {
    fc.assert(
      fc.property(title, place, (name, at) =>
        breaksNothing(name, (evidence) => evidence.slice(0, indexOf(evidence, at))),
      ),
      { numRuns: 60 },
    );
  });

  it('breaks no clause that the whole one keeps, wherever it begins', () => {
    fc.assert(
      fc.property(title, place, (name, at) =>
        breaksNothing(name, (evidence) => evidence.slice(indexOf(evidence, at))),
      ),
      { numRuns: 150 },
    );
  });

  it('breaks no clause that the whole one keeps, whichever of its records were lost', () => {
    fc.assert(
      fc.property(title, place, fc.integer({ min: 1, max: 20 }), (name, at, count) =>
        breaksNothing(name, (evidence) => withoutRecords(evidence, indexOf(evidence, at), count)),
      ),
      { numRuns: 150 },
    );
  });
});
