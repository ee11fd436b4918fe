import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { isRoot, QEMU_UID } from './launch.ts';
import { MachineFolder } from './machine-folder.ts';
import { probeFirmware } from './probe-firmware.ts';
import { processStartTime } from './process-identity.ts';
import type { MachineSettings } from './qemu-arguments.ts';
import { startMachine, type RunningMachine } from './qemu-process.ts';

describe('startMachine, with QEMU', function () {
  this.timeout(60_000);
  let scratch: string;
  let folder: MachineFolder;
  let settings: MachineSettings;
  beforeEach(async () => {
    scratch = mkdtempSync(join(tmpdir(), 'machine-'));
    folder = await MachineFolder.create(join(scratch, 'machines'));
    const file = join(scratch, 'firmware.bin');
    writeFileSync(file, probeFirmware());
    const boot = { kind: 'firmware', file } as const;
    settings = {
      accelerator: 'tcg',
      cpu: 'Nehalem',
      cores: 1,
      memoryMiB: 64,
      devices: 'virtio',
      onReboot: 'exit',
      boot,
    };
  });
  afterEach(() => rmSync(scratch, { recursive: true }));

  async function start(changes: Partial<MachineSettings> = {}): Promise<RunningMachine> {
    return await startMachine({ ...settings, ...changes }, { folder, evidence: scratch });
  }

  it('runs QEMU as a user without a single capability', async () => {
    await using machine = await start();
    const status = readFileSync(`/proc/${machine.pid}/status`, 'latin1');
    assert.match(status, /^CapPrm:\t0+$/m);
    assert.match(status, /^NoNewPrivs:\t1$/m);
    const uid = isRoot ? QEMU_UID : process.getuid!();
    assert.match(status, new RegExp(`^Uid:\t${uid}\t${uid}\t${uid}\t${uid}$`, 'm'));
  });

  it('stops QEMU when asked, twice if asked twice', async () => {
    await using machine = await start();
    assert.equal((await machine.stop()).cause, 'stopped');
    assert.equal((await machine.stop()).exitCode, 0);
    assert.equal(processStartTime(machine.pid), undefined);
  });

  it('stops a QEMU that no longer listens', async () => {
    await using machine = await start();
    process.kill(machine.pid, 'SIGSTOP');
    assert.equal((await machine.stop()).signal, 'SIGKILL');
  });

  it('tells a QEMU that was killed from one that was stopped', async () => {
    await using machine = await start();
    process.kill(machine.pid, 'SIGKILL');
    const exit = await machine.exited;
    assert.deepEqual([exit.cause, exit.signal], ['killed', 'SIGKILL']);
    await assert.rejects(machine.qmp.execute('query-status'), { code: 'LAB_QMP_CLOSED' });
  });

  it("reports QEMU's own words, with real paths, when it does not start", async () => {
    const file = join(scratch, 'tiny.bin');
    writeFileSync(file, 'too small');
    await assert.rejects(start({ boot: { kind: 'firmware', file } }), {
      code: 'LAB_QEMU_FAILED',
      message: /ended with exit code 1 before it answered: .*could not load PC BIOS '.*tiny\.bin'/,
    });
    await assert.rejects(start({ cpu: 'Z80' }), /unable to find CPU model 'Z80'/);
  });

  it('says that QEMU is missing, and what to install', async () => {
    await assert.rejects(start({ qemu: 'qemu-system-nowhere' }), (error: { code: string; next: string }) => {
      assert.equal(error.code, 'LAB_QEMU_MISSING');
      assert.match(error.next, /apt-get install qemu-system-x86/);
      return true;
    });
  });

  it('says which file of the machine is not there', async () => {
    await assert.rejects(start({ boot: { kind: 'firmware', file: '/no/such/firmware' } }), {
      code: 'LAB_MACHINE_FILE',
      message: /could not open '\/no\/such\/firmware' for the machine: ENOENT/,
    });
  });

  it('opens the disk for reading only, under an overlay that is already gone from the file system', async () => {
    const disk = join(scratch, 'disk.raw');
    writeFileSync(disk, Buffer.alloc(1024 * 1024, 7));
    await using machine = await start({ disks: [{ file: disk, format: 'raw', writes: 'discard' }] });
    const nodes =
      await machine.qmp.execute<{ 'node-name': string; ro: boolean }[]>('query-named-block-nodes');
    const readOnly = Object.fromEntries(nodes.map((node) => [node['node-name'], node.ro]));
    assert.deepEqual([readOnly['disk0-base0'], readOnly['disk0']], [true, false]);
    assert.deepEqual(readdirSync(folder.path), ['output', 'processes']);
  });

  for (const signal of ['SIGKILL', 'SIGINT'] as const)
    it(`takes QEMU with it when the lab ends by ${signal}`, async () => {
      const script = fileURLToPath(new URL('lab-to-kill.fixture.ts', import.meta.url));
      const lab = spawn(process.execPath, ['--import', 'tsx', script, scratch], {
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      const [line] = (await once(lab.stdout, 'data')) as [Buffer];
      const pid = Number(line.toString());
      assert.notEqual(processStartTime(pid), undefined);
      lab.kill(signal);
      await once(lab, 'exit');
      const deadline = Date.now() + 2_000;
      while (processStartTime(pid) !== undefined) {
        assert.ok(Date.now() < deadline, `QEMU (process ${pid}) lives 2 s after its lab`);
        await delay(10);
      }
    });
});
