import assert from 'node:assert/strict';
import { flagsOf, type VerifierChoice } from '../deploy/verifier.ts';
import type { Scenario } from './scenario.ts';
import type { PlannedRun } from './suite.ts';
import { groupByVerifier } from './verifier-plan.ts';

function planned(id: string, driver: string, verifier?: VerifierChoice): PlannedRun {
  const scenario = { id, driver: { name: driver, parameters: {} }, ...(verifier && { verifier }) };
  return { scenario: scenario as unknown as Scenario, seed: 1, slug: id, title: id };
}

describe('groupByVerifier', () => {
  const plan = [
    planned('a', 'echo'),
    planned('b', 'my/driver.sys', 'standard'),
    planned('c', 'echo', ['io']),
    planned('d', 'faulty', 'standard'),
  ];
  const shown = (choice: VerifierChoice, driver?: string) =>
    groupByVerifier(plan, { choice, driver }).map(({ verifier, plan: own }) => [
      own.map(({ slug }) => slug).join(''),
      verifier?.flags ?? 0,
      verifier?.drivers.join(' ') ?? '',
    ]);

  it('gives the scenarios of the same settings one template, with all their drivers and the recorder', () => {
    assert.deepEqual(shown('off'), [
      ['a', 0, ''],
      ['bd', flagsOf('standard'), 'driver.sys faulty.sys wsktr.sys'],
      ['c', 0x10, 'echo.sys wsktr.sys'],
    ]);
  });

  it("takes the run's choice where a scenario has none, and the run's driver for all", () => {
    assert.deepEqual(shown('standard', '/x/other.sys'), [
      ['abd', flagsOf('standard'), 'other.sys wsktr.sys'],
      ['c', 0x10, 'other.sys wsktr.sys'],
    ]);
  });

  it('is one group without Driver Verifier', () => {
    const [group, ...more] = groupByVerifier([planned('a', 'echo'), planned('e', 'echo')], {
      choice: 'off',
      driver: undefined,
    });
    assert.deepEqual([group?.verifier, group?.plan.length, more.length], [undefined, 2, 0]);
  });
});
