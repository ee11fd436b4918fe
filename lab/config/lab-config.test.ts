import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { projectRoot } from '../project.ts';
import { labConfigSchema, readLabConfig } from './lab-config.ts';

describe('lab.config.yaml', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'wsklab-config-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  const written = (text: string): string => {
    const path = join(folder, 'lab.config.yaml');
    writeFileSync(path, text);
    return path;
  };

  it('may be absent or empty: then every default holds', () => {
    const defaults = readLabConfig(join(folder, 'none.yaml'));
    assert.equal(defaults.guest, 'reference');
    assert.deepEqual(readLabConfig(written('# nothing\n')), defaults);
  });

  it('changes only what it names, and paths count from the project', () => {
    const config = readLabConfig(written('runs: { keep: 3 }\n'));
    assert.deepEqual(config.runs, { folder: join(projectRoot, 'runs'), keep: 3 });
  });

  it('refuses an unknown key with its place and the nearest valid one', () => {
    assert.throws(() => readLabConfig(written('machine:\n  memoryMib: 512\n')), {
      code: 'LAB_YAML_INVALID',
      message: /lab\.config\.yaml:2:3: unknown key 'memoryMib', did you mean 'memoryMiB'\?$/,
    });
  });

  it('in the repository states the defaults', () => {
    assert.deepEqual(readLabConfig(), readLabConfig(join(folder, 'none.yaml')));
    assert.equal(labConfigSchema.parse({}).runs.keep, 20);
  });
});
