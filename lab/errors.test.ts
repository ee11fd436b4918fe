import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { EXIT, LabError, type Blame } from './errors.ts';
import { projectRoot } from './project.ts';

describe('LabError', () => {
  const exitCodes: Record<Blame, number> = { driver: 1, usage: 2, scenario: 2, host: 3, guest: 3, lab: 3 };
  for (const [blame, exitCode] of Object.entries(exitCodes) as [Blame, number][]) {
    it(`to blame on the ${blame} ends a command with ${exitCode}`, () => {
      assert.equal(new LabError({ code: 'LAB_X', blame, message: 'x' }).exitCode, exitCode);
    });
  }

  it('never ends a command as green or inconclusive', () => {
    const ends = Object.values(exitCodes);
    assert.ok(!ends.includes(EXIT.green) && !ends.includes(EXIT.inconclusive));
  });
});

describe('docs/errors.md', () => {
  const sources = ['lab', 'bench', 'faults', 'images', 'specs', 'scripts'].flatMap((folder) =>
    readdirSync(join(projectRoot, folder), { recursive: true, encoding: 'utf8' })
      .filter((name) => /(?<!\.test)\.(ts|mjs)$/.test(name))
      .map((name) => readFileSync(join(projectRoot, folder, name), 'utf8')),
  );
  const used = new Set(
    sources.flatMap((text) => [...text.matchAll(/['" ](LAB_[A-Z0-9_]+)['" (]/g)].map(([, code]) => code!)),
  );
  const page = readFileSync(join(projectRoot, 'docs', 'errors.md'), 'utf8');
  const documented = new Set([...page.matchAll(/^\| (LAB_[A-Z0-9_]+) /gm)].map(([, code]) => code!));

  it('has every code', () => {
    assert.deepEqual([...used].filter((code) => !documented.has(code) && !NOT_CODES.has(code)).sort(), []);
  });

  it('has no code that is never raised', () => {
    assert.deepEqual([...documented].filter((code) => !used.has(code)).sort(), []);
  });
});

/** Names of other things. LAB_RUN and LAB_X carry a blame and are never shown. */
const NOT_CODES = new Set(['LAB_BOUNDS', 'LAB_RUN', 'LAB_X']);
