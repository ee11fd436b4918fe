import assert from 'node:assert/strict';
import { execa } from 'execa';
import { projectRoot } from '../project.ts';

/** Of `clauses`, which prints some hundred lines: what the shell's redirection left of it. */
const clauses = (redirection: string) =>
  execa({ cwd: projectRoot, reject: false })('bash', [
    ...['-o', 'pipefail', '-c'],
    `node scripts/lab.mjs clauses accept-event ${redirection}`,
  ]);

describe('a command whose output nobody takes', () => {
  it('ends as ever when its reader has enough', async () => {
    const { exitCode, stderr } = await clauses('| true');
    assert.deepEqual([exitCode, stderr], [0, '']);
  });

  it('names what was lost on a full disk, and is not green', async () => {
    const { exitCode, stderr } = await clauses('> /dev/full');
    assert.equal(exitCode, 3);
    assert.match(stderr, /LAB_OUTPUT_LOST \(blame: host\): stdout could not be written to its end/);
    assert.match(stderr, /because: ENOSPC: no space left on device/);
  });
});
