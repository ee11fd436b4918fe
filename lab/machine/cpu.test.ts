import assert from 'node:assert/strict';
import { clockArguments, cpuModels, HYPERV_CPU } from './cpu.ts';

describe('HYPERV_CPU', () => {
  const models = cpuModels(HYPERV_CPU, 'kvm').map((model) => model.split(','));
  /** QEMU's docs/system/i386/hyperv.rst. */
  const NEEDS: Record<string, string[]> = {
    hv_synic: ['hv_vpindex'],
    hv_stimer: ['hv_vpindex', 'hv_synic', 'hv_time'],
    hv_tlbflush: ['hv_vpindex'],
    hv_ipi: ['hv_vpindex'],
  };

  it('has with each feature those that it needs', () => {
    for (const features of models)
      for (const [feature, needed] of Object.entries(NEEDS))
        if (features.includes(feature))
          for (const each of needed) assert.ok(features.includes(each), feature);
  });

  it('has nothing with which a machine cannot be saved, or does not boot', () => {
    const bad = /hv_passthrough|invtsc|hv_syndbg|hv_enforce_cpuid|hv_reset|hv_evmcs|hv_reenlightenment/;
    for (const features of models) assert.doesNotMatch(features.join(), bad);
  });

  it('tells bugchecks as long as it can, and asks for less from model to model', () => {
    assert.ok(models.slice(0, -1).every((features) => features.includes('hv_crash')));
    const counts = models.map(({ length }) => length);
    assert.deepEqual(
      counts,
      [...counts].sort((a, b) => b - a),
    );
  });
});

describe('clockArguments', () => {
  it("names KVM's timer to KVM only: another QEMU would not start", () => {
    assert.deepEqual(clockArguments('tcg', 'catch-up'), ['-rtc', 'base=utc,driftfix=slew']);
    assert.ok(clockArguments('kvm', 'catch-up').includes('kvm-pit.lost_tick_policy=discard'));
    assert.deepEqual(clockArguments('kvm', 'plain'), ['-rtc', 'base=utc']);
  });
});
