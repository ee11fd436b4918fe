import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MachineFolder, removeStaleMachines } from './machine-folder.ts';
import { processStartTime } from './process-identity.ts';

describe('removeStaleMachines', () => {
  let parent: string;
  beforeEach(() => (parent = mkdtempSync(join(tmpdir(), 'machines-'))));
  afterEach(() => rmSync(parent, { recursive: true }));

  /** The folder of a lab that has ended. */
  function deadLab(processes = ''): string {
    const { pid } = spawnSync('true');
    const folder = join(parent, `${pid}-12345-1`);
    mkdirSync(folder);
    writeFileSync(join(folder, 'disk0.qcow2'), 'overlay');
    writeFileSync(join(folder, 'processes'), processes);
    return folder;
  }

  it('leaves the machines of a living lab alone', async () => {
    await using folder = await MachineFolder.create(parent);
    assert.deepEqual(await removeStaleMachines(parent), []);
    assert.ok(existsSync(folder.path));
  });

  it("removes a dead lab's folder and kills what still runs of it", async () => {
    const left = spawn('sleep', ['600']);
    const ended = once(left, 'exit');
    const folder = deadLab(`${left.pid} ${processStartTime(left.pid!)} qemu\n`);
    assert.deepEqual(await removeStaleMachines(parent), [{ folder, killed: [`qemu ${left.pid}`] }]);
    assert.equal((await ended)[1], 'SIGKILL');
    assert.deepEqual(readdirSync(parent), []);
  });

  it('does not kill a process that only has the number of one that was', async () => {
    const innocent = spawn('sleep', ['600']);
    try {
      const folder = deadLab(`${innocent.pid} 1 qemu\n`);
      assert.deepEqual(await removeStaleMachines(parent), [{ folder, killed: [] }]);
      assert.notEqual(processStartTime(innocent.pid!), undefined);
    } finally {
      innocent.kill();
    }
  });

  it('takes a new process with the number of the dead lab for another one', async () => {
    const folder = join(parent, `${process.pid}-1-1`);
    mkdirSync(folder);
    assert.deepEqual(await removeStaleMachines(parent), [{ folder, killed: [] }]);
  });

  it('removes nothing that is not a machine folder', async () => {
    mkdirSync(join(parent, 'notes'));
    assert.deepEqual(await removeStaleMachines(parent), []);
    assert.deepEqual(readdirSync(parent), ['notes']);
  });

  it('finds nothing where no machine ever ran', async () => {
    assert.deepEqual(await removeStaleMachines(join(parent, 'missing')), []);
  });
});
