import assert from 'node:assert/strict';
import type { Verdict } from '../../lab/check/verdict.ts';
import { clausesById } from '../clauses/catalogue.ts';
import type { Rule } from '../../lab/check/rule.ts';
import { loadRules } from '../rules/index.ts';
import { readCaseFiles, readStories, type Story } from './case-file.ts';
import { judgeCase } from './judge-case.ts';

const stories = readStories();
const caseFiles = readCaseFiles();
let rules: Rule[];

before(async () => {
  rules = await loadRules();
});

const violated = (verdicts: Map<string, Verdict>) =>
  [...verdicts.values()].filter(({ outcome }) => outcome === 'violated');

const describeViolations = (verdicts: readonly Verdict[]) =>
  verdicts.map(
    ({ clause, violations }) => `${clause}: ${violations.map(({ sentence }) => sentence).join('; ')}`,
  );

describe('stories', () => {
  for (const story of stories.values())
    it(`${story.name} breaks no clause`, () => {
      const verdicts = judgeCase(story, { edits: [] }, rules);
      assert.deepEqual(describeViolations(violated(verdicts)), []);
      const failed = [...verdicts.values()].filter(({ reason }) => reason?.includes('rule failed'));
      assert.deepEqual(failed, []);
    });
});

function storyOf(name: string): Story {
  const story = stories.get(name);
  if (!story) throw new Error(`there is no story "${name}"`);
  return story;
}

for (const { clause, cases } of caseFiles)
  describe(clause, () => {
    for (const each of cases)
      it(`${each.expect}: ${each.title}`, () => {
        const verdicts = judgeCase(storyOf(each.story), each, rules);
        const own = verdicts.get(clause);
        assert.ok(own, `no rule decides ${clause}`);
        const broken = violated(verdicts);
        const expected = [...(each.expect === 'violated' ? [clause] : []), ...Object.keys(each.also)];
        assert.deepEqual(
          broken.map((verdict) => verdict.clause).sort(),
          expected.sort(),
          describeViolations(broken).join('\n'),
        );
        assert.equal(own.outcome, each.expect, own.reason);
      });
  });

describe('rules and their cases', () => {
  const clauses = clausesById();

  it('decide clauses of the catalogue, each once and for its party', () => {
    assert.equal(new Set(rules.map(({ clause }) => clause)).size, rules.length);
    for (const rule of rules) assert.equal(rule.party, clauses.get(rule.clause)?.party, rule.clause);
  });

  it('are there for every clause that another one is decided as', () => {
    const covered = new Set(rules.map(({ clause }) => clause));
    const wrong = [...clauses.values()].flatMap(({ id, decidedAs = [] }) => [
      ...(covered.has(id) && decidedAs.length > 0 ? [`${id} has a rule of its own`] : []),
      ...decidedAs
        .filter((it) => !covered.has(it))
        .map((it) => `${id} is decided as ${it}, which has no rule`),
    ]);
    assert.deepEqual(wrong, []);
  });

  it('cover every clause of accept-event and evt that a trace can show', () => {
    const covered = new Set(rules.map(({ clause }) => clause));
    const missing = [...clauses.values()]
      .filter(({ id, observability }) => /^(accept-event|evt)\//.test(id) && observability !== 'none')
      .map(({ id }) => id)
      .filter((id) => !covered.has(id));
    assert.deepEqual(missing, []);
  });

  it('have each a case that holds, one that is cut short and, if it can be broken, one that breaks it', () => {
    const outcomes = new Map(
      caseFiles.map(({ clause, cases }) => [clause, cases.map(({ expect }) => expect)]),
    );
    const wanting = rules.flatMap(({ clause, party }) =>
      (['held', 'inconclusive', ...(party === 'permission' ? [] : ['violated' as const])] as const)
        .filter((expect) => !outcomes.get(clause)?.includes(expect))
        .map((expect) => `${clause} has no case "${expect}"`),
    );
    assert.deepEqual(wanting, []);
  });
});
