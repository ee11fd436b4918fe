import assert from 'node:assert/strict';
import {
  chownSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { copyToQcow2, createDisk } from './disk-image.ts';
import { saveDisplay } from './guest-memory.ts';
import { isRoot, QEMU_UID } from './launch.ts';
import { MachineFolder } from './machine-folder.ts';
import { restoreState, saveState, setCapabilities } from './migration.ts';
import { createOverlay } from './overlay.ts';
import type { MachineSettings } from './qemu-arguments.ts';
import { startMachine } from './qemu-process.ts';
import { findFirmware } from './uefi-firmware.ts';

describe('a machine with UEFI firmware', () => {
  it('shows its screen, is saved at the shell, and goes on there in a clone with variables of its own', async () => {
    const scratch = mkdtempSync(join(tmpdir(), 'uefi-'));
    await using folder = await MachineFolder.create(scratch);
    const inside = (name: string) => join(scratch, name);
    const { code, variables } = findFirmware();
    await copyToQcow2(variables, inside('empty.qcow2'));
    const base = { file: inside('empty.qcow2'), format: 'qcow2' as const };
    await createOverlay({ ...base, writes: 'keep' }, inside('variables.qcow2'));
    await createDisk(inside('disk.qcow2'), 64);
    writeFileSync(inside('ram'), '');
    truncateSync(inside('ram'), 256 * 2 ** 20);
    mkdirSync(inside('socket'));
    if (isRoot) chownSync(inside('socket'), QEMU_UID, QEMU_UID);

    const settings = (writes: 'keep' | 'discard', more: Partial<MachineSettings>): MachineSettings => ({
      ...{ accelerator: 'tcg', cpu: 'Nehalem', cores: 1, memoryMiB: 256, devices: 'baseline' },
      ...{ onReboot: 'exit', boot: { kind: 'uefi', code }, memory: { file: inside('ram'), writes } },
      disks: [{ file: inside('disk.qcow2'), format: 'qcow2', writes }],
      variables: { file: inside('variables.qcow2'), format: 'qcow2', writes, base },
      ...more,
    });
    const start = (each: MachineSettings, name: string) => {
      mkdirSync(inside(name));
      return startMachine(each, { folder, evidence: inside(name) });
    };
    {
      const migration = { kind: 'save', folder: inside('socket') } as const;
      await using first = await start(settings('keep', { migration }), 'first');
      await first.console.waitFor(/UEFI Interactive Shell/, 60_000);
      // At once: the shell counts five seconds down from here to its prompt.
      await saveState(first, inside('socket'), inside('state'));
      await saveDisplay(first, inside('a.png'));
      assert.equal(readFileSync(inside('a.png')).toString('latin1', 1, 4), 'PNG');
    }
    const before = readFileSync(inside('variables.qcow2'));
    const migration = { kind: 'restore', file: inside('state') } as const;
    await using clone = await start(settings('discard', { migration }), 'clone');
    await setCapabilities(clone);
    await restoreState(clone);
    await clone.qmp.execute('cont');
    const lines: string[] = [];
    clone.console.onLine((line) => lines.push(line));
    // Its countdown and prompt come next; the firmware's log and the shell's name would come before if it had started anew.
    await clone.console.waitFor(/Shell>/, 30_000);
    assert.ok(lines.some((line) => line.includes('startup.nsh')));
    assert.doesNotMatch(clone.console.tail, /BdsDxe|Interactive Shell/);
    assert.ok(readFileSync(inside('variables.qcow2')).equals(before));
    await clone.stop();
    rmSync(scratch, { recursive: true });
  });
});
