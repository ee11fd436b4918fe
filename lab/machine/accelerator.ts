/**
 * KVM or TCG: found out by running something, with the CPU that the guest will get. The device node proves nothing:
 * /dev/kvm may exist, create a machine, and never run it.
 */
import { mkdir, mkdtemp, readFile, realpath, rename, rm, stat, writeFile } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { tmpdir } from 'node:os';
import { LabError } from '../errors.ts';
import { cacheFolder } from '../project.ts';
import { cpuModels, type CpuModels } from './cpu.ts';
import { within } from './deadline.ts';
import type { Launcher } from './launch.ts';
import { MachineFolder } from './machine-folder.ts';
import { DEBUG_EXIT_PORT, PROBE_EXIT_CODE, probeFirmware } from './probe-firmware.ts';
import type { AcceleratorName } from './qemu-arguments.ts';
import { startMachine } from './qemu-process.ts';

export interface AcceleratorChoice {
  accelerator: AcceleratorName;
  /** For `-cpu`. */
  cpu: string;
  /** Why, in words for a person. */
  reason: string;
  /** How long the probe ran with the accelerator that was chosen. */
  probeMs: number;
  /** What a person should know: a KVM that is there and does not work, or not with all that was wanted. */
  warning?: string;
  /** The answer was remembered from an earlier probe on this host since its boot. */
  remembered: boolean;
}

export interface ProbeOptions {
  /** `-cpu` for each accelerator; of several the first that runs is taken. */
  cpu: CpuModels;
  qemu?: string;
  /** As for startMachine: the probe runs where the machine will run. */
  launcher?: Launcher;
  /** Names that place for the memory: what a namespace can do, another may not. */
  place: string;
}

/** Hardware needs about 0.2 s with QEMU's own start. */
const KVM_TIMEOUT_MS = 4_000;
/** TCG needs about 0.7 s on an idle machine. */
const TCG_TIMEOUT_MS = 60_000;

/** Probes, or remembers. Rejects with LAB_NO_ACCELERATOR when nothing runs, with LAB_QEMU_MISSING without QEMU. */
export async function chooseAccelerator(options: ProbeOptions): Promise<AcceleratorChoice> {
  const key = await memoryKey(options);
  const known = (await readMemory())[key];
  if (known) return { ...known, remembered: true };
  const choice = await probeBoth(options);
  await remember(key, choice);
  return choice;
}

/**
 * For a guest that did not boot under a KVM that passed the probe: from now on this host's answer is TCG, until its
 * next boot, and the reason is kept.
 */
export async function distrustKvm(options: ProbeOptions, reason: string): Promise<AcceleratorChoice> {
  const why = `a guest did not boot under KVM: ${reason}`;
  const choice = { ...(await probeTcg(options, why)), warning: `TCG instead of KVM: ${why}` };
  await remember(await memoryKey(options), choice);
  return choice;
}

async function probeBoth(options: ProbeOptions): Promise<AcceleratorChoice> {
  if (!(await stat('/dev/kvm').catch(() => undefined)))
    return await probeTcg(options, 'this host has no /dev/kvm');
  const refused: string[] = [];
  for (const cpu of cpuModels(options.cpu, 'kvm')) {
    try {
      const choice = await probe('kvm', cpu, options, 'the probe ran under KVM');
      if (refused.length === 0) return choice;
      return { ...choice, warning: `KVM with fewer features (-cpu ${cpu}): ${refused.join('; ')}` };
    } catch (error) {
      if (!(error instanceof LabError) || error.code === 'LAB_QEMU_MISSING') throw error;
      refused.push(error.message.replaceAll('\n', '; '));
    }
  }
  const why = `KVM does not work here: ${[...new Set(refused)].join('; ')}`;
  return { ...(await probeTcg(options, why)), warning: `TCG instead of KVM, many times slower: ${why}` };
}

async function probeTcg(options: ProbeOptions, reason: string): Promise<AcceleratorChoice> {
  return await probe('tcg', cpuModels(options.cpu, 'tcg')[0]!, options, reason);
}

/** Runs the probe firmware to its end, or rejects with what happened instead. */
async function probe(
  accelerator: AcceleratorName,
  cpu: string,
  options: ProbeOptions,
  reason: string,
): Promise<AcceleratorChoice> {
  const scratch = await mkdtemp(join(tmpdir(), 'wsklab-probe-'));
  try {
    const file = join(scratch, 'firmware.bin');
    await writeFile(file, probeFirmware());
    await using folder = await MachineFolder.create();
    const startedAt = performance.now();
    await using machine = await startMachine(
      {
        ...(options.qemu === undefined ? {} : { qemu: options.qemu }),
        ...{ accelerator, cpu, cores: 1, memoryMiB: 64, devices: 'virtio', onReboot: 'exit' },
        boot: { kind: 'firmware', file },
        // Stopped at first, so that the end cannot come before we listen.
        extra: ['-S', '-device', `isa-debug-exit,iobase=${DEBUG_EXIT_PORT},iosize=4`],
      },
      { folder, evidence: scratch, ...(options.launcher ? { launcher: options.launcher } : {}) },
    );
    await machine.qmp.execute('cont');
    const exit = await within(machine.exited, {
      code: 'LAB_PROBE_TIMEOUT',
      blame: 'host',
      message: `a small program did not come to its end under ${accelerator.toUpperCase()} (-cpu ${cpu})`,
      timeoutMs: accelerator === 'kvm' ? KVM_TIMEOUT_MS : TCG_TIMEOUT_MS,
    });
    if (exit.exitCode !== PROBE_EXIT_CODE) throw probeFailed(accelerator, cpu, exit.words || exit.cause);
    return {
      accelerator,
      cpu,
      reason,
      probeMs: Math.round(performance.now() - startedAt),
      remembered: false,
    };
  } catch (error) {
    const isTcg = accelerator === 'tcg' && error instanceof LabError && error.code !== 'LAB_QEMU_MISSING';
    if (!isTcg) throw error;
    throw new LabError({
      code: 'LAB_NO_ACCELERATOR',
      blame: 'host',
      message: `QEMU runs nothing on this host: ${error.message}; ${reason}`,
      next: 'try QEMU by hand: qemu-system-x86_64 -accel tcg -nodefaults -display none -serial stdio',
      cause: error,
    });
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

function probeFailed(accelerator: string, cpu: string, words: string): LabError {
  return new LabError({
    code: 'LAB_PROBE_FAILED',
    blame: 'host',
    message: `a small program ended early under ${accelerator.toUpperCase()} (-cpu ${cpu}): ${words}`,
  });
}

type Memory = Record<string, Omit<AcceleratorChoice, 'remembered'>>;

function memoryFile(): string {
  return join(cacheFolder(), 'accelerator.json');
}

/** Everything that could change the answer: the host's boot, QEMU's file, the device's rights, the CPU, who we are. */
async function memoryKey({ cpu, place, qemu = 'qemu-system-x86_64' }: ProbeOptions): Promise<string> {
  const boot = (await readFile('/proc/sys/kernel/random/boot_id', 'utf8').catch(() => '')).trim();
  const program = await findProgram(qemu);
  const device = await stat('/dev/kvm').catch(() => undefined);
  const kvm = device ? `${device.mode}:${device.uid}:${device.gid}` : 'none';
  return [boot, program, kvm, ...[cpu.kvm].flat(), cpu.tcg, process.getuid?.(), place].join(' ');
}

async function findProgram(name: string): Promise<string> {
  const folders = name.includes('/') ? [''] : (process.env['PATH'] ?? '').split(delimiter);
  for (const folder of folders) {
    const path = await realpath(folder === '' ? name : join(folder, name)).catch(() => undefined);
    const file = path === undefined ? undefined : await stat(path).catch(() => undefined);
    if (file) return `${path}:${file.size}:${file.mtimeMs}`;
  }
  return name;
}

async function readMemory(): Promise<Memory> {
  try {
    return JSON.parse(await readFile(memoryFile(), 'utf8')) as Memory;
  } catch {
    // None yet, or half a file: the probe is cheap.
    return {};
  }
}

async function remember(key: string, { remembered: _, ...choice }: AcceleratorChoice): Promise<void> {
  const memory = Object.entries(await readMemory()).slice(-20);
  await mkdir(cacheFolder(), { recursive: true });
  const temporary = `${memoryFile()}.${process.pid}`;
  await writeFile(temporary, JSON.stringify({ ...Object.fromEntries(memory), [key]: choice }, null, 2));
  await rename(temporary, memoryFile());
}
