import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import type { LabError } from '../../lab/errors.ts';
import { MediumFolder } from '../../lab/image/windows-medium.fixture.ts';
import { findFirmware } from '../../lab/machine/uefi-firmware.ts';
import { install, type InstallOptions } from './install.ts';
import { windowsPatience, type Stage } from './installation.ts';

describe('an installation, with QEMU and UEFI', () => {
  let folder: string;
  let iso: string;
  let medium: MediumFolder;
  const notes: string[] = [];
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'wsklab-install-'));
    medium = await MediumFolder.create();
    await medium.put('readme.txt', 'nothing that UEFI would start');
    iso = await medium.iso9660();
  });
  after(async () => {
    await medium[Symbol.asyncDispose]();
    await rm(folder, { recursive: true });
  });
  beforeEach(() => (notes.length = 0));

  const options = (more: Partial<InstallOptions> = {}): InstallOptions => ({
    ...{ folder, firmware: findFirmware(), evidence: join(folder, 'evidence') },
    accelerator: { accelerator: 'tcg', cpu: 'Nehalem' },
    machine: { cores: 1, memoryMiB: 256, diskMiB: 64 },
    cds: { windows: iso, configuration: iso },
    patience: windowsPatience('tcg'),
    onProgress: () => undefined,
    onNote: (text) => notes.push(text),
    signal: undefined,
    ...more,
  });
  const failure = async (more?: Partial<InstallOptions>): Promise<LabError> =>
    await install(options(more)).then(
      () => assert.fail('it should not end well'),
      (error: unknown) => error as LabError,
    );
  const isPicture = (path: string) => readFileSync(path).toString('latin1', 1, 4) === 'PNG';

  it('from a medium that nothing starts from fails with a picture of the screen', async () => {
    const error = await failure();
    assert.equal(error.code, 'LAB_INSTALL_FAILED');
    assert.match(error.message, /nothing on the CD starts under UEFI/);
    assert.ok(isPicture(error.evidence[0]!));
    assert.match(readFileSync(error.evidence[1]!, 'latin1'), /BdsDxe: /);
  });

  it('that lasts too long is stalled: where, for how long, and a picture', async () => {
    const stages = Object.entries(windowsPatience('kvm')).map(([stage]) => [stage as Stage, 500]);
    const error = await failure({ patience: Object.fromEntries(stages) as InstallOptions['patience'] });
    assert.equal(error.code, 'LAB_INSTALL_STALLED');
    assert.match(error.message, /before the firmware had started anything: nothing came within 1 s/);
    assert.ok(isPicture(error.evidence[0]!));
    assert.deepEqual(notes, [
      'an interrupted installation begins again: the guest had not restarted yet, so that nothing was finished',
    ]);
  });

  it('from a medium that only ever restarts fails with how often, and the next one begins anew', async () => {
    await using restarting = await MediumFolder.create();
    const [object, program] = [join(folder, 'restart.obj'), join(folder, 'restart.efi')];
    const source = fileURLToPath(new URL('restart.fixture.c', import.meta.url));
    const target = ['--target=x86_64-unknown-windows', '-ffreestanding', '-mno-red-zone'];
    await execa('clang', [...target, '-O2', '-Wall', '-Wextra', '-Werror', '-c', source, '-o', object]);
    const kind = ['-nologo', '-subsystem:efi_application', '-nodefaultlib', '-entry:Restart'];
    await execa('lld-link', [...kind, `-out:${program}`, object]);
    await restarting.putEfi('boot/efi.img', program);
    const windows = await restarting.iso9660('restarting.iso', 'boot/efi.img');
    const error = await failure({ cds: { windows, configuration: windows } });
    assert.equal(error.code, 'LAB_INSTALL_DISK');
    assert.match(error.message, /the guest restarted 9 times, and an installation has two or three/);
    assert.ok(existsSync(join(folder, 'evidence', 'start9', 'console.log')));
    assert.equal(existsSync(join(folder, 'installation.json')), false);
  }).timeout(240_000);

  it('ends when it is told to, and leaves what the next one looks into', async () => {
    const stop = new AbortController();
    const running = install(options({ signal: stop.signal }));
    setTimeout(() => stop.abort(new Error('Ctrl-C')), 300);
    await assert.rejects(running, /Ctrl-C/);
    assert.ok(existsSync(join(folder, 'disk.qcow2')));
    await writeFile(join(folder, 'installation.json'), '{');
    const next = new AbortController();
    next.abort(new Error('Ctrl-C'));
    await assert.rejects(install(options({ signal: next.signal })), /Ctrl-C/);
    assert.match(notes.at(-1)!, /begins again: installation.json cannot be read/);
  });
});
