/**
 * Processor models, as data: what a guest gets under each accelerator, in the order in which they are tried. Whether a
 * host can run one is found out by running a small program with it (accelerator.ts).
 */
import type { AcceleratorName } from './qemu-arguments.ts';

export type CpuModels = Readonly<Record<AcceleratorName, string | readonly string[]>>;

/** At least one. */
export function cpuModels(models: CpuModels, accelerator: AcceleratorName): readonly string[] {
  return [models[accelerator]].flat();
}

/** What every Hyper-V interface of KVM's offers (docs/system/i386/hyperv.rst of QEMU), least first. */
const LEAST = ['hv_relaxed', 'hv_vapic', 'hv_spinlocks=0x1fff', 'hv_time'];
/** Each needs those before it: stimer synic, vpindex and time; tlbflush and ipi vpindex. */
const MORE = ['hv_vpindex', 'hv_runtime', 'hv_synic', 'hv_stimer', 'hv_tlbflush', 'hv_ipi', 'hv_frequencies'];
/** Bugcheck code and parameters by way of GUEST_PANICKED. */
const CRASH = 'hv_crash';
/** Without nested virtualization Windows cannot start its own hypervisor, under which test signing means less. */
const NOT_NESTED = ['vmx=off', 'svm=off'];

const host = (...features: string[]): string => ['host', ...features].join();

/**
 * For a guest that knows Hyper-V. Left out on purpose: hv_passthrough and invtsc, with which QEMU saves no state;
 * hv_syndbg, which can keep it from booting; hv_reset, hv_evmcs, hv_reenlightenment. TCG takes hv_ flags and does
 * nothing with them; Windows since build 26080 needs SSE4.2 and POPCNT, which `max` has.
 */
export const HYPERV_CPU: CpuModels = {
  kvm: [host(...LEAST, ...MORE, CRASH, ...NOT_NESTED), host(...LEAST, CRASH, ...NOT_NESTED), host(...LEAST)],
  tcg: 'max',
};

/** Ticks of the clock that a guest missed: made up for slowly by the RTC, dropped by the PIT. */
export function clockArguments(accelerator: AcceleratorName, ticks: 'catch-up' | 'plain'): string[] {
  if (ticks === 'plain') return ['-rtc', 'base=utc'];
  // QEMU's PIT for KVM is a device of its own, which TCG does not have.
  const pit = accelerator === 'kvm' ? ['-global', 'kvm-pit.lost_tick_policy=discard'] : [];
  return ['-rtc', 'base=utc,driftfix=slew', ...pit];
}
