/** From an image to a guest that answers: network, accelerator, machine, ssh, agent, each undone if a later one fails. */
import { join } from 'node:path';
import { mkdir } from 'node:fs/promises';
import { LabError } from '../errors.ts';
import { chooseAccelerator, distrustKvm, type AcceleratorChoice } from '../machine/accelerator.ts';
import { cpuModels } from '../machine/cpu.ts';
import { saveDisplay } from '../machine/guest-memory.ts';
import { MachineFolder, removeStaleMachines } from '../machine/machine-folder.ts';
import type { AcceleratorName, MachineSettings } from '../machine/qemu-arguments.ts';
import { startMachine, type RunningMachine } from '../machine/qemu-process.ts';
import type { GuestNetwork } from '../network/guest-network.ts';
import { openNetwork, type NetworkChoice } from '../network/open-network.ts';
import { AgentChannel } from './agent-channel.ts';
import { BootedGuest } from './guest.ts';
import { unlessGone, unlessRestarted, watchForEnd, type GuestGone } from './guest-gone.ts';
import type { GuestImage } from './guest-image.ts';
import { guestMachine } from './guest-machine.ts';
import { unlessHung, unlessStopped } from './heartbeat.ts';
import { connectSsh } from './ssh.ts';

export type BootPhase = 'clean up' | 'network' | 'accelerator' | 'machine' | 'ssh' | 'agent';

export interface BootOptions {
  /** Folder for console.log, qemu.log and wire.pcap; made if it is not there. */
  evidence: string;
  network?: NetworkChoice;
  /** 'auto' probes, and falls back to TCG when the guest does not boot under KVM. */
  accelerator?: 'auto' | AcceleratorName | AcceleratorChoice;
  /** Record every frame at the guest's NIC in wire.pcap. Default: true. */
  capture?: boolean;
  /** The machine keeps what the guest writes, and can save its state: a template is made of it. */
  keep?: Pick<MachineSettings, 'memory' | 'migration' | 'disks' | 'variables' | 'extra'>;
  /** The agent is neither waited for nor used: it may be another lab's. */
  sshOnly?: boolean;
  /** Until ssh and agent answer. Default: the image's. */
  timeoutMs?: number;
  /** Told at a phase's beginning (`ms` undefined) and at its end. */
  onPhase?: (phase: BootPhase, ms: number | undefined) => void;
  /** Told what a person should know: the fallback network, a KVM that does not work, leftovers removed. */
  onWarning?: (message: string) => void;
  signal?: AbortSignal;
}

const RECONNECT_TIMEOUT_MS = 30_000;

/** Rejects with LAB_GUEST_BOOT_TIMEOUT, LAB_GUEST_GONE, LAB_QEMU_MISSING..., having undone everything. */
export async function bootGuest(image: GuestImage, options: BootOptions): Promise<BootedGuest> {
  await mkdir(options.evidence, { recursive: true });
  const boot = new Boot(image, options);
  try {
    return await boot.run();
  } catch (error) {
    // The reason of the failure matters more than what its clean-up could not do.
    await boot.undo().catch((undoError: unknown) => options.onWarning?.(String(undoError)));
    throw error;
  }
}

class Boot {
  readonly #image: GuestImage;
  readonly #options: BootOptions;
  readonly #undos: (() => Promise<void>)[] = [];

  constructor(image: GuestImage, options: BootOptions) {
    this.#image = image;
    this.#options = options;
  }

  async run(): Promise<BootedGuest> {
    await this.#phase('clean up', async () => {
      for (const { folder, killed } of await removeStaleMachines())
        this.#warn(`removed what a dead lab left: ${[folder, ...killed].join(', ')}`);
    });
    const network = await this.#phase('network', () => openNetwork(this.#options.network));
    this.#undos.push(async () => network[Symbol.asyncDispose]());
    if (network.kind === 'user' && this.#options.network !== 'user')
      this.#warn(`user-mode networking instead of a tap device: ${network.reason}`);
    const probe = {
      cpu: this.#image.cpu,
      launcher: network.launcher,
      place: network.kind,
    };
    const wanted = this.#options.accelerator ?? 'auto';
    const accelerator = await this.#phase('accelerator', () =>
      wanted === 'auto' ? chooseAccelerator(probe) : Promise.resolve(asked(wanted, this.#image)),
    );
    if (accelerator.warning !== undefined) this.#warn(accelerator.warning);
    const fixed = this.#undos.length;
    try {
      return await this.#bootOn(network, accelerator);
    } catch (error) {
      if (accelerator.accelerator !== 'kvm' || wanted !== 'auto' || !isKvmsFault(error)) throw error;
      await this.#undoTo(fixed);
      const fallback = await distrustKvm(probe, error.message);
      this.#warn(`TCG instead of KVM: ${fallback.reason}`);
      return await this.#bootOn(network, fallback);
    }
  }

  /** Undoes in reverse; every undo runs, even if another throws. */
  async undo(): Promise<void> {
    await this.#undoTo(0);
  }

  async #undoTo(length: number): Promise<void> {
    const errors: unknown[] = [];
    while (this.#undos.length > length)
      await this.#undos.pop()!().catch((error: unknown) => errors.push(error));
    if (errors.length > 0)
      throw new AggregateError(errors, `clean-up failed: ${errors.map(String).join('; ')}`);
  }

  async #bootOn(network: GuestNetwork, accelerator: AcceleratorChoice): Promise<BootedGuest> {
    const timeoutMs = this.#options.timeoutMs ?? this.#image.bootTimeoutMs[accelerator.accelerator];
    const deadline = performance.now() + timeoutMs;
    const machine = await this.#phase('machine', () => this.#start(network, accelerator));
    const watched = { pid: machine.pid, evidence: [machine.console.path, machine.logPath] };
    const gone = unlessStopped(watchForEnd(machine, network), machine.qmp, watched);
    network.attach((commandLine) => machine.qmp.monitor(commandLine));
    const agent = new AgentChannel(machine.agent);
    const stop = new AbortController();
    const asked = new Promise<never>((_, reject) => {
      const { signal } = this.#options;
      signal?.addEventListener('abort', () => reject(signal.reason as Error), { once: true });
    });
    this.#undos.push(() => Promise.resolve(stop.abort()));
    const signals = [stop.signal, ...(this.#options.signal ? [this.#options.signal] : [])];
    const dial = (dialMs: number) => network.dial({ port: 22, family: 'ipv4' }, dialMs);
    const connect = (connectMs: number) =>
      connectSsh(this.#image.ssh, dial, connectMs, AbortSignal.any(signals));
    const sshAnswers = this.#phase('ssh', async () => {
      const ssh = await connect(deadline - performance.now());
      this.#undos.push(() => ssh[Symbol.asyncDispose]());
      return ssh;
    });
    const { sshOnly = false } = this.#options;
    // UEFI takes what comes on a serial port for keys: of a menu, or to break off the boot.
    const isHeard = this.#image.boot.kind === 'uefi' ? sshAnswers : Promise.resolve();
    const greet = () => this.#phase('agent', () => agent.hello(deadline - performance.now()));
    const agentAnswers = sshOnly ? undefined : isHeard.then(greet);
    const answers = Promise.all([sshAnswers, agentAnswers]);
    answers.catch(() => undefined);
    const [ssh] = await this.#orGone(Promise.race([answers, asked]), gone, machine, timeoutMs);
    const close = () => this.undo();
    const parts = { image: this.#image, accelerator, network, machine, agent, sshOnly, close };
    const end = unlessRestarted(sshOnly ? gone : unlessHung(gone, agent, watched), machine);
    const reconnect = (connectMs = RECONNECT_TIMEOUT_MS) => connect(connectMs);
    return new BootedGuest({ ...parts, gone: end, ssh, connect: reconnect });
  }

  async #start(network: GuestNetwork, accelerator: AcceleratorChoice): Promise<RunningMachine> {
    const folder = await MachineFolder.create();
    this.#undos.push(() => folder[Symbol.asyncDispose]());
    if (network.holderPid !== undefined) await folder.adopt('network-namespace', network.holderPid);
    const { evidence, capture = true, keep } = this.#options;
    const settings = guestMachine(this.#image, {
      ...{ accelerator, network },
      ...(capture && { capture: evidence }),
    });
    const machine = await startMachine(
      { ...settings, ...keep },
      { folder, evidence, launcher: network.launcher },
    );
    this.#undos.push(() => machine[Symbol.asyncDispose]());
    return machine;
  }

  async #orGone<T>(
    answers: Promise<T>,
    gone: Promise<GuestGone>,
    machine: RunningMachine,
    timeoutMs: number,
  ): Promise<T> {
    const { console } = machine;
    try {
      return await unlessGone(answers, gone, () => `its boot${lastLines(console.lastLines(3))}`);
    } catch (error) {
      const isTimeout =
        error instanceof LabError && ['LAB_SSH_TIMEOUT', 'LAB_AGENT_TIMEOUT'].includes(error.code);
      if (!isTimeout) throw error;
      throw new LabError({
        code: 'LAB_GUEST_BOOT_TIMEOUT',
        blame: 'guest',
        message:
          `guest '${this.#image.name}' was not ready within ${timeoutMs} ms: ${error.message}` +
          lastLines(console.lastLines(3)),
        next: `open ${console.path}`,
        evidence: [...(await this.#picture(machine)), console.path, machine.logPath],
        cause: error,
      });
    }
  }

  /** Of the screen, where there is one: a guest that does not start most often says why there. */
  async #picture(machine: RunningMachine): Promise<string[]> {
    if (this.#image.devices !== 'baseline') return [];
    const path = join(this.#options.evidence, 'screenshot.png');
    return await saveDisplay(machine, path).then(
      () => [path],
      () => [],
    );
  }

  async #phase<T>(phase: BootPhase, work: () => Promise<T>): Promise<T> {
    this.#options.signal?.throwIfAborted();
    const startedAt = performance.now();
    this.#options.onPhase?.(phase, undefined);
    const result = await work();
    this.#options.onPhase?.(phase, Math.round(performance.now() - startedAt));
    return result;
  }

  #warn(message: string): void {
    this.#options.onWarning?.(message);
  }
}

function asked(wanted: AcceleratorName | AcceleratorChoice, image: GuestImage): AcceleratorChoice {
  if (typeof wanted === 'object') return wanted;
  const cpu = cpuModels(image.cpu, wanted)[0]!;
  return { accelerator: wanted, cpu, reason: 'it was asked for', probeMs: 0, remembered: false };
}

/** QEMU gave up, or the guest never got to the end of its boot: worth a try without KVM. */
export function isKvmsFault(error: unknown): error is LabError {
  const codes = ['LAB_QEMU_FAILED', 'LAB_GUEST_GONE', 'LAB_GUEST_PANIC', 'LAB_GUEST_BOOT_TIMEOUT'];
  return error instanceof LabError && codes.includes(error.code);
}

function lastLines(lines: string[]): string {
  return lines.length === 0 ? ' (its console is empty)' : ` (last console lines: ${lines.join(' | ')})`;
}
