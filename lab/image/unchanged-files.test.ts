import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { UnchangedFiles } from './unchanged-files.ts';

describe('UnchangedFiles', () => {
  let folder: string;
  let paths: string[];
  let files: UnchangedFiles;
  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'wsklab-test-'));
    paths = ['ram', 'disk0.qcow2'].map((name) => join(folder, name));
    // Written long ago: the kernel's clock for files ticks every few milliseconds.
    for (const path of paths) {
      writeFileSync(path, 'as it was');
      utimesSync(path, new Date(0), new Date(0));
    }
    files = await UnchangedFiles.of(paths);
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it('are what they were when nobody wrote to them', async () => {
    await files.require();
  });

  it('are told by name when one was written to', async () => {
    writeFileSync(paths[1]!, 'as it WAS');
    await assert.rejects(files.require(), { code: 'LAB_FILE_CHANGED', blame: 'host', evidence: [paths[1]] });
  });

  it('are changed when one is gone', async () => {
    rmSync(paths[0]!);
    await assert.rejects(files.require(), { code: 'LAB_FILE_CHANGED', evidence: [paths[0]] });
  });
});
