/**
 * One guest out of a template, used once: a QEMU that waits, then one with the template's state in it, paused, then a
 * guest that runs. Each step consumes the one before it.
 */
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { LabError } from '../errors.ts';
import { AgentChannel } from '../guest/agent-channel.ts';
import { BootedGuest } from '../guest/guest.ts';
import { unlessGone, watchForEnd } from '../guest/guest-gone.ts';
import { guestMachine } from '../guest/guest-machine.ts';
import { unlessHung } from '../guest/heartbeat.ts';
import { connectSsh } from '../guest/ssh.ts';
import { MachineFolder } from '../machine/machine-folder.ts';
import { restoreState, setCapabilities } from '../machine/migration.ts';
import type { DiskSettings, MachineSettings } from '../machine/qemu-arguments.ts';
import { startMachine, type RunningMachine } from '../machine/qemu-process.ts';
import type { GuestNetwork } from '../network/guest-network.ts';
import { openNetwork } from '../network/open-network.ts';
import { UndoStack } from '../undo.ts';
import type { Template } from './template.ts';
import { templateIdentity } from './template-store.ts';

const GREETING_TIMEOUT_MS = 10_000;
const SSH_TIMEOUT_MS = 30_000;

interface CloneParts {
  template: Template;
  /** Of the template's files, when the clone was begun. */
  identity: string;
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
      const identity = await templateIdentity(template.stored);
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
      return new WaitingClone({ template, identity, network, machine, evidence, undo });
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

  constructor(parts: CloneParts) {
    this.#parts = parts;
  }

  get exited() {
    return this.#parts.machine.exited;
  }

  /**
   * Lets the guest run, and makes sure that it is this one: it has to answer a greeting with a nonce that nobody has
   * used before. Its clock is set and its random numbers are reseeded. On failure the clone is gone.
   */
  async run(onRunning: () => void = () => undefined): Promise<BootedGuest> {
    const { template, network, machine, undo } = this.#parts;
    const gone = watchForEnd(machine, network);
    const agent = new AgentChannel(machine.agent);
    const stop = new AbortController();
    undo.push('the ssh login', () => stop.abort());
    try {
      await requireUntouched(this.#parts);
      // From here on there is something in it for a person.
      undo.drop('the evidence');
      await machine.qmp.execute('cont');
      onRunning();
      await unlessGone(greet(agent), gone, () => 'its greeting');
    } catch (error) {
      await this[Symbol.asyncDispose]().catch(() => undefined);
      throw error;
    }
    const dial = (dialMs: number) => network.dial({ port: 22, family: 'ipv4' }, dialMs);
    const connect = () => connectSsh(template.image.ssh, dial, SSH_TIMEOUT_MS, stop.signal);
    const { image, accelerator } = template;
    const end = unlessHung(gone, agent, [machine.console.path, machine.logPath]);
    const close = () => undo[Symbol.asyncDispose]();
    return new BootedGuest({ image, accelerator, network, machine, agent, gone: end, connect, close });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#parts.undo[Symbol.asyncDispose]();
  }
}

async function greet(agent: AgentChannel): Promise<void> {
  await agent.hello(GREETING_TIMEOUT_MS);
  await Promise.all([agent.setClock(Date.now()), agent.reseed()]);
}

async function requireUntouched({ template, identity }: CloneParts): Promise<void> {
  if ((await templateIdentity(template.stored).catch(() => '')) === identity) return;
  throw new LabError({
    code: 'LAB_TEMPLATE_CHANGED',
    blame: 'host',
    message: `the files of the template '${template.stored.folder}' were changed while clones of it were made`,
    next: 'run again: the template is checked, and made again if it has to be',
  });
}

export function cloneSettings(
  { image, accelerator, stored }: Template,
  network: GuestNetwork,
  evidence: string,
): MachineSettings {
  const disks = image.disks.map((base, index): DiskSettings => ({
    ...{ file: join(stored.folder, `disk${index}.qcow2`), format: 'qcow2', writes: 'discard', base },
  }));
  return {
    ...guestMachine(image, { accelerator, network, capture: evidence }),
    memory: { file: join(stored.folder, 'ram'), writes: 'discard' },
    migration: { kind: 'restore', file: join(stored.folder, 'state') },
    disks,
  };
}
