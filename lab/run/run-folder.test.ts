import assert from 'node:assert/strict';
import { once } from 'node:events';
import { spawn } from 'node:child_process';
import { mkdir, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { removeOldRuns, RunFolder } from './run-folder.ts';

describe('removeOldRuns', () => {
  let folder: string;
  let endedPid: number;
  before(async () => {
    const program = spawn(process.execPath, ['--version'], { stdio: 'ignore' });
    endedPid = program.pid!;
    await once(program, 'close');
  });
  beforeEach(async () => void (folder = await mkdtemp(join(tmpdir(), 'wsklab-runs-'))));
  afterEach(() => rm(folder, { recursive: true }));

  const ended = async (...stamps: string[]) => {
    for (const stamp of stamps) await mkdir(join(folder, `${stamp}-${endedPid}`));
  };
  const kept = async () => (await readdir(folder)).map((name) => name.slice(0, 15)).sort();

  it('keeps the newest, and what is no run folder', async () => {
    await ended('20260101T000000', '20260103T000000', '20260102T000000');
    await mkdir(join(folder, 'notes'));
    await removeOldRuns({ folder, keep: 2 });
    assert.deepEqual(await kept(), ['20260102T000000', '20260103T000000', 'notes']);
  });

  it('keeps the folder of a run that has not ended, however old its name', async () => {
    await ended('20260102T000000', '20260103T000000');
    const own = new RunFolder(folder, new Date('2026-01-01T00:00:00Z'));
    await removeOldRuns({ folder, keep: 1 });
    assert.deepEqual(await kept(), ['20260101T000000', '20260103T000000']);
    assert.match(own.path, /20260101T000000-/);
  });
});
