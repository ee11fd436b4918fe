import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chooseAccelerator, distrustKvm } from './accelerator.ts';

describe('chooseAccelerator, with QEMU', function () {
  this.timeout(90_000);
  const cpu = { kvm: 'host', tcg: 'Nehalem' };
  let cache: string;
  let before: string | undefined;
  beforeEach(() => {
    before = process.env['WSKLAB_CACHE'];
    cache = mkdtempSync(join(tmpdir(), 'accelerator-'));
    process.env['WSKLAB_CACHE'] = cache;
  });
  afterEach(() => {
    if (before === undefined) delete process.env['WSKLAB_CACHE'];
    else process.env['WSKLAB_CACHE'] = before;
    rmSync(cache, { recursive: true });
  });

  it('finds one by running something, and remembers it', async () => {
    const found = await chooseAccelerator({ cpu, place: 'test' });
    assert.equal(found.remembered, false);
    assert.equal(found.cpu, cpu[found.accelerator]);
    assert.ok(found.probeMs > 0);
    assert.deepEqual(await chooseAccelerator({ cpu, place: 'test' }), { ...found, remembered: true });
  });

  it('does not remember for another CPU', async () => {
    await chooseAccelerator({ cpu, place: 'test' });
    const other = await chooseAccelerator({ cpu: { ...cpu, tcg: 'Westmere' }, place: 'test' });
    assert.equal(other.remembered, false);
  });

  it('says why KVM is not used when its CPU cannot be had', async function () {
    const found = await chooseAccelerator({ cpu: { ...cpu, kvm: 'no-such-cpu' }, place: 'test' });
    assert.equal(found.accelerator, 'tcg');
    assert.match(found.reason, /this host has no \/dev\/kvm|KVM does not work here: /);
    // A host without the device lacks nothing that could be mended.
    assert.equal(found.warning !== undefined, existsSync('/dev/kvm'));
  });

  it('tries one model after the other, and warns of what it had to do without', async function () {
    if (!existsSync('/dev/kvm')) this.skip();
    const models = ['no-such-cpu', 'host'];
    const found = await chooseAccelerator({ cpu: { ...cpu, kvm: models }, place: 'test' });
    assert.match(
      found.warning ?? '',
      /^(KVM with fewer features \(-cpu host\)|TCG instead of KVM, many times)/,
    );
    // A KVM that nobody may open does not come to look at models.
    if (found.accelerator === 'kvm') assert.match(found.warning ?? '', /no-such-cpu/);
  });

  it('stays with TCG once a guest did not boot under KVM', async () => {
    const options = { cpu, place: 'test' };
    const choice = await distrustKvm(options, 'no line on the console');
    assert.equal(choice.accelerator, 'tcg');
    assert.match(choice.reason, /did not boot under KVM: no line on the console/);
    assert.deepEqual(await chooseAccelerator(options), { ...choice, remembered: true });
  });

  it('says that QEMU is missing rather than that KVM is', async () => {
    await assert.rejects(chooseAccelerator({ cpu, place: 'test', qemu: 'qemu-system-nowhere' }), {
      code: 'LAB_QEMU_MISSING',
    });
  });

  it('says that nothing runs when not even TCG does', async () => {
    await assert.rejects(chooseAccelerator({ cpu: { kvm: 'none', tcg: 'none' }, place: 'test' }), {
      code: 'LAB_NO_ACCELERATOR',
    });
  });
});
