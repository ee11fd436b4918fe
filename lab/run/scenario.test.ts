import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readScenario, scenarioFiles, type ReadOptions, type Scenario } from './scenario.ts';
import { stepLabel } from './scenario-steps.ts';

describe('a scenario', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'wsklab-scenario-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  function read(text: string, options: ReadOptions = {}): Scenario {
    const path = join(folder, 'a.yaml');
    writeFileSync(path, text);
    return readScenario(path, options);
  }
  function problem(text: string, options: ReadOptions = {}): string {
    try {
      read(text, options);
    } catch (error) {
      const { code, message } = error as { code: string; message: string };
      assert.equal(code, 'LAB_YAML_INVALID');
      return message.replaceAll(join(folder, 'a.yaml:'), '');
    }
    return assert.fail('it was read');
  }

  it('says in `do` what each step is, with every default filled in', () => {
    const { steps, seeds, driver, port } = read(`
name: Somebody connects and goes away
steps:
  - start
  - connect: { as: a, count: 3 }
  - echo: { on: a, bytes: 10 }
  - together:
      - [close: a]
      - [control: disable irp]
  - stop: { expect: fails, error: 1052 }
`);
    assert.deepEqual(steps.map(stepLabel), [
      'start the service',
      'connect a (3)',
      'echo a',
      "close a | control 'disable irp'",
      'stop the service',
    ]);
    assert.deepEqual(steps[1], {
      ...{ do: 'connect', as: 'a', count: 3, staggerMs: 0, family: 4, ownAddress: false, deaf: false },
      expect: 'connected',
    });
    assert.deepEqual(steps[2], { do: 'echo', on: ['a'], bytes: 10, expect: 'echoed' });
    assert.deepEqual(steps[4], { do: 'stop', expect: 'fails', error: 1052 });
    assert.deepEqual([seeds, driver, port], [[1], { name: 'echo', parameters: {} }, 7]);
  });

  const head = 'name: Somebody connects and goes away\n';
  const cases: [title: string, text: string, expected: string | RegExp][] = [
    [
      'an unknown key',
      `${head}stpes: [start]\nsteps: [start]\n`,
      "2:1: unknown key 'stpes', did you mean 'steps'?",
    ],
    [
      'an unknown step',
      `${head}steps: [start, strat]\n`,
      /^2:16: steps: found string 'strat', did you mean 'start'\?$/,
    ],
    [
      'a mistyped key of a step',
      `${head}steps:\n  - connect: { as: a, cuont: 3 }\n`,
      "3:23: unknown key 'cuont', did you mean 'count'?",
    ],
    [
      'a wrong type in a step',
      `${head}steps:\n  - connect: { as: a, count: many }\n`,
      "3:30: count: expected a number, found string 'many'",
    ],
    [
      'a step with two keys',
      `${head}steps:\n  - connect: { as: a }\n    close: a\n`,
      '3:5: steps: a step has exactly one key, found connect, close',
    ],
    [
      'an unknown word in an expectation',
      `${head}steps:\n  - connect: { as: a, expect: conected }\n`,
      /3:31: expect: found string 'conected', did you mean 'connected'\?/,
    ],
    [
      'a mistake inside `together`',
      `${head}steps:\n  - together:\n      - [start]\n      - [echo: { on: a, bites: 3 }]\n`,
      /5:25: unknown key 'bites', did you mean 'bytes'\?/,
    ],
    [
      'clients that nobody connects',
      `${head}steps:\n  - connect: { as: load }\n  - close: laod\n`,
      "3:3: steps: no step connects clients named 'laod', did you mean 'load'?",
    ],
    [
      'a name given twice',
      `${head}steps:\n  - connect: { as: a }\n  - connect: { as: a }\n`,
      "3:3: steps: two steps connect clients named 'a'",
    ],
    [
      'vanishing clients without an address of their own',
      `${head}steps:\n  - connect: { as: a }\n  - vanish: a\n`,
      '3:3: steps: vanish: connect a with ownAddress: true, which it takes away',
    ],
    [
      'an unknown perturbation',
      `${head}perturb: [{ do: dispach-level }]\nsteps: [start]\n`,
      "2:17: do: found string 'dispach-level', did you mean 'dispatch-level'?",
    ],
  ];
  for (const [title, text, expected] of cases) {
    it(`with ${title} is refused with the place`, () => {
      const message = problem(text);
      if (typeof expected === 'string') assert.equal(message, expected);
      else assert.match(message, expected);
    });
  }

  it('that names a clause which the catalogue does not have is refused with the nearest one', () => {
    const clauseIds = new Set(['evt/disable-one', 'evt/default-off']);
    const text = `${head}exercises: [evt/disable-on]\nsteps: [start]\n`;
    assert.equal(
      problem(text, { clauseIds }),
      "2:13: exercises: no clause 'evt/disable-on', did you mean 'evt/disable-one'?",
    );
    assert.deepEqual(read(text).exercises, ['evt/disable-on']);
  });

  it('has its place below the folder as its id', () => {
    mkdirSync(join(folder, 'mistakes'));
    writeFileSync(join(folder, 'mistakes', 'b.yaml'), `${head}steps: [start]\n`);
    writeFileSync(join(folder, 'a.yaml'), `${head}steps: [start]\n`);
    assert.deepEqual(
      scenarioFiles(folder).map(({ id }) => id),
      ['a', 'mistakes/b'],
    );
  });
});
