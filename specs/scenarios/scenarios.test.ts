import assert from 'node:assert/strict';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { projectRoot } from '../../lab/project.ts';
import { chooseScenarios } from '../../lab/run/choose-scenarios.ts';
import { clausesById } from '../clauses/catalogue.ts';
import { loadRules } from '../rules/index.ts';

const scenarios = chooseScenarios(fileURLToPath(new URL('./', import.meta.url)), [], {
  correct: false,
  clauseIds: new Set(clausesById().keys()),
});

/** Files of drivers/faulty, as the names of the drivers that they become. */
const faulty = readdirSync(join(projectRoot, 'drivers', 'faulty'))
  .filter((name) => name.endsWith('.c'))
  .map((name) => name.slice(0, -2).replaceAll('_', '-'));

describe('the scenarios', () => {
  for (const { id, driver, exercises, expect } of scenarios) {
    it(`${id} uses a driver of the project and clauses that a rule decides`, async () => {
      const isOurs = existsSync(join(projectRoot, 'drivers', driver.name)) || faulty.includes(driver.name);
      assert.ok(isOurs, `no driver '${driver.name}'`);
      const decided = new Set((await loadRules()).map(({ clause }) => clause));
      const undecided = [...exercises, ...expect.violated].filter((clause) => !decided.has(clause));
      assert.deepEqual(undecided, []);
    });
  }

  it('run every driver with a known mistake', () => {
    const used = new Set(scenarios.map(({ driver }) => driver.name));
    assert.deepEqual(
      faulty.filter((name) => !used.has(name)),
      [],
    );
  });
});
