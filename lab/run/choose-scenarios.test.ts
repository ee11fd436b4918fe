import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { chooseScenarios } from './choose-scenarios.ts';

describe('the scenarios that a command line means', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'scenarios-'));
    for (const id of ['half-close', 'one-connection', 'mistakes/closes-twice', 'faults/no-unload'])
      put(id, 'name: What happens in it\nsteps: [start]\n');
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  function put(id: string, text: string): void {
    const path = join(folder, `${id}.yaml`);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
  }

  const chosen = (names: string[], correct = false) =>
    chooseScenarios(folder, names, { correct }).map(({ id }) => id);

  it('are all when none is named', () => {
    assert.deepEqual(chosen([]), [
      'faults/no-unload',
      'half-close',
      'mistakes/closes-twice',
      'one-connection',
    ]);
  });

  it('are named by id, folder, last part of the id, or file, and come in that order', () => {
    const names = ['specs/scenarios/one-connection.yaml', 'mistakes', 'no-unload', 'half-close'];
    assert.deepEqual(chosen(names), [
      'one-connection',
      'mistakes/closes-twice',
      'faults/no-unload',
      'half-close',
    ]);
  });

  it('are those of correct drivers when that is asked for', () => {
    assert.deepEqual(chosen([], true), ['half-close', 'one-connection']);
    assert.deepEqual(chosen(['mistakes', 'half-close'], true), ['half-close']);
  });

  it('are not to be guessed: an unknown name is refused with the nearest one', () => {
    assert.throws(() => chosen(['half-closed']), {
      code: 'LAB_SCENARIO_UNKNOWN',
      message: "no scenario 'half-closed', did you mean 'half-close'?",
    });
  });

  it('alone are read: a mistake in another file is nothing to them', () => {
    put('being-written', 'name: What');
    assert.deepEqual(chosen(['half-close']), ['half-close']);
    assert.throws(() => chosen(['being-written']), { code: 'LAB_YAML_INVALID' });
    assert.throws(() => chosen([]), { code: 'LAB_YAML_INVALID' });
  });
});
