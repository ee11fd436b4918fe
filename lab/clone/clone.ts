/**
 * One guest out of a template, used once: a QEMU that waits, then one with the template's state in it, paused, then a
 * guest that runs. Each step consumes the one before it.
 */
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { AgentChannel } from '../guest/agent-channel.ts';
import { BootedGuest } from '../guest/guest.ts';
import { unlessGone, unlessRestarted, watchForEnd, type GuestGone } from '../guest/guest-gone.ts';
import { guestMachine } from '../guest/guest-machine.ts';
import { unlessHung, unlessStopped } from '../guest/heartbeat.ts';
import { connectSsh } from '../guest/ssh.ts';
import { UnchangedFiles } from '../image/unchanged-files.ts';
import { MachineFolder } from '../machine/machine-folder.ts';
import { restoreState, setCapabilities } from '../machine/migration.ts';
import type { BootSettings, DiskSettings, MachineSettings } from '../machine/qemu-arguments.ts';
import { startMachine, type RunningMachine } from '../machine/qemu-process.ts';
import type { GuestNetwork } from '../network/guest-network.ts';
import { openNetwork } from '../network/open-network.ts';
import { UndoStack } from '../undo.ts';
import type { Template } from './template.ts';
import { diskName, KERNEL_HEAD, templateFiles, VARIABLES } from './template-store.ts';

const GREETING_TIMEOUT_MS = 10_000;
const SSH_TIMEOUT_MS = 30_000;

/** What a clone does once before it is needed. */
export type Exercise = (agent: AgentChannel) => Promise<void>;

interface CloneParts {
  template: Template;
  /** The template's, as they were when the clone was begun. */
  files: UnchangedFiles;
  network: GuestNetwork;
  machine: RunningMachine;
  evidence: string;
  undo: UndoStack;
}

/** Network, overlay and QEMU process are there; the state is not in it yet. */
export class WaitingClone implements AsyncDisposable {
  readonly #parts: CloneParts;

  /** `evidence` is the folder for console.log, qemu.log and wire.pcap; it goes with a clone that is never run. */
  static async start(template: Template, evidence: string): Promise<WaitingClone> {
    const undo = new UndoStack();
    try {
      await mkdir(evidence, { recursive: true });
      undo.push('the evidence', () => rm(evidence, { recursive: true, force: true }));
      const files = await UnchangedFiles.of(templateFiles(template.stored));
      const network = await openNetwork(template.network);
      undo.push('the network', async () => network[Symbol.asyncDispose]());
      const folder = await MachineFolder.create();
      undo.push('the machine folder', () => folder[Symbol.asyncDispose]());
      if (network.holderPid !== undefined) await folder.adopt('network-namespace', network.holderPid);
      const settings = cloneSettings(template, network, evidence);
      const machine = await startMachine(settings, { folder, evidence, launcher: network.launcher });
      undo.push('the machine', () => machine[Symbol.asyncDispose]());
      network.attach((commandLine) => machine.qmp.monitor(commandLine));
      await setCapabilities(machine);
      return new WaitingClone({ template, files, network, machine, evidence, undo });
    } catch (error) {
      await undo[Symbol.asyncDispose]().catch(() => undefined);
      throw error;
    }
  }

  private constructor(parts: CloneParts) {
    this.#parts = parts;
  }

  get exited() {
    return this.#parts.machine.exited;
  }

  /** Takes the template's state in. On failure the clone is gone. */
  async restore(): Promise<PausedClone> {
    try {
      await restoreState(this.#parts.machine);
      return new PausedClone(this.#parts);
    } catch (error) {
      await this[Symbol.asyncDispose]().catch(() => undefined);
      throw error;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#parts.undo[Symbol.asyncDispose]();
  }
}

/** The guest is in the machine and does not run. */
export class PausedClone implements AsyncDisposable {
  readonly #parts: CloneParts;
  readonly #agent: AgentChannel;
  readonly #gone: Promise<GuestGone>;

  constructor(parts: CloneParts) {
    this.#parts = parts;
    this.#agent = new AgentChannel(parts.machine.agent);
    const { machine, network } = parts;
    this.#gone = unlessStopped(watchForEnd(machine, network), machine.qmp, watchedOf(machine));
  }

  /**
   * Lets the guest run for a moment, ahead of need, and pauses it again: an emulator translates on the way what the
   * guest will do first. `exercise` has it do more than answer. On failure the clone is gone.
   */
  async warmUp(exercise: Exercise = () => Promise.resolve()): Promise<this> {
    const { qmp } = this.#parts.machine;
    await this.#orEnd(async () => {
      await qmp.execute('cont');
      await this.#agent.hello(GREETING_TIMEOUT_MS);
      await Promise.all([this.#agent.setClock(Date.now()), this.#agent.reseed()]);
      await exercise(this.#agent);
      await qmp.execute('stop');
    });
    return this;
  }

  /**
   * Lets the guest run, and makes sure that it is this one: it has to answer a greeting with a nonce that nobody has
   * used before. Its clock is set and its random numbers are reseeded. On failure the clone is gone.
   */
  async run(onRunning: () => void = () => undefined): Promise<BootedGuest> {
    const { template, network, machine, undo } = this.#parts;
    await this.#orEnd(async () => {
      await machine.qmp.execute('cont');
      onRunning();
      undo.drop('the evidence');
      await Promise.all([this.#parts.files.require(), greet(this.#agent)]);
    });
    const stop = new AbortController();
    undo.push('the ssh login', () => stop.abort());
    const dial = (dialMs: number) => network.dial({ port: 22, family: 'ipv4' }, dialMs);
    const connect = (timeoutMs = SSH_TIMEOUT_MS) =>
      connectSsh(template.image.ssh, dial, timeoutMs, stop.signal);
    const { image, accelerator } = template;
    const gone = unlessRestarted(unlessHung(this.#gone, this.#agent, watchedOf(machine)), machine);
    const close = () => undo[Symbol.asyncDispose]();
    return new BootedGuest({
      image,
      accelerator,
      network,
      machine,
      agent: this.#agent,
      gone,
      findings: template.stored.capabilities,
      connect,
      close,
    });
  }

  /** What it runs on. */
  get files(): UnchangedFiles {
    return this.#parts.files;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#parts.undo[Symbol.asyncDispose]();
  }

  async #orEnd(work: () => Promise<void>): Promise<void> {
    try {
      await unlessGone(work(), this.#gone, () => 'its greeting');
    } catch (error) {
      // What it said is for a person now.
      this.#parts.undo.drop('the evidence');
      await this[Symbol.asyncDispose]().catch(() => undefined);
      throw error;
    }
  }
}

const watchedOf = ({ pid, console, logPath }: RunningMachine) => ({
  pid,
  evidence: [console.path, logPath],
});

/** One after the other in the channel, and all on their way at once. */
async function greet(agent: AgentChannel): Promise<void> {
  const hello = agent.hello(GREETING_TIMEOUT_MS);
  await Promise.all([hello, agent.setClock(Date.now()), agent.reseed()]);
}

export function cloneSettings(
  { image, accelerator, stored }: Template,
  network: GuestNetwork,
  evidence: string,
): MachineSettings {
  const onTop = (base: DiskFile, name: string): DiskSettings => ({
    ...{ file: join(stored.folder, name), format: 'qcow2', writes: 'discard', base },
  });
  return {
    ...guestMachine(image, { accelerator, network, capture: evidence }),
    boot: bootOfClone(image.boot, stored.folder),
    memory: { file: join(stored.folder, 'ram'), writes: 'discard' },
    migration: { kind: 'restore', file: join(stored.folder, 'state') },
    disks: image.disks.map((base, index) => onTop(base, diskName(index))),
    ...(image.variables && { variables: onTop(image.variables, VARIABLES) }),
  };
}

type DiskFile = Pick<DiskSettings, 'file' | 'format'>;

/** QEMU wants a kernel where the template had one, and would hold the whole of it for a boot that never comes. */
function bootOfClone(boot: BootSettings, folder: string): BootSettings {
  return boot.kind === 'kernel'
    ? { kind: 'kernel', kernel: join(folder, KERNEL_HEAD), append: boot.append }
    : boot;
}
