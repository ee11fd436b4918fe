/** Runs the machine of an installation from one restart of the guest to the next, and watches it. */
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { LabError } from '../../lab/errors.ts';
import { saveDisplay } from '../../lab/machine/guest-memory.ts';
import { startMachine, type RunningMachine } from '../../lab/machine/qemu-process.ts';
import type { AcceleratorName, MachineSettings } from '../../lab/machine/qemu-arguments.ts';
import { MachineFolder } from '../../lab/machine/machine-folder.ts';
import {
  advance,
  goOn,
  hasStalled,
  wantsKey,
  type Installation,
  type InstallationEvent,
  type Patience,
} from './installation.ts';
import { installationFailed, stalled } from './installation-failed.ts';

export interface LegOptions {
  settings: Omit<MachineSettings, 'onReboot' | 'extra'> & { accelerator: AcceleratorName };
  patience: Patience;
  /** A folder of this leg's own, for console.log, qemu.log and screenshot.png. */
  evidence: string;
  onProgress: (installation: Installation) => void;
  signal: AbortSignal | undefined;
}

/** Of QMP's answer to query-blockstats, what is looked at. */
interface BlockStatistics {
  'node-name'?: string;
  stats: { wr_bytes: number };
}

/** How often the machine is looked at, and a key is pressed at the CD's prompt. */
const LOOK_MS = 1_000;
/** After a step has failed the guest tells what it said, and switches itself off. */
const LAST_WORDS_MS: Record<AcceleratorName, number> = { kvm: 30_000, tcg: 120_000 };

/**
 * Resolves when the guest has restarted ('running') or all of it is done ('complete').
 * @throws LabError LAB_INSTALL_FAILED, LAB_INSTALL_STALLED, with a picture of the screen; what startMachine throws.
 */
export async function runLeg(before: Installation, options: LegOptions): Promise<Installation> {
  const { evidence, settings } = options;
  await using folder = await MachineFolder.create();
  await using machine = await startMachine(
    // Stopped at first, so that nothing is said before we listen.
    { ...settings, onReboot: 'exit', extra: ['-S'] },
    { folder, evidence },
  );
  return await new Leg(machine, before, options).run();
}

class Leg {
  readonly #machine: RunningMachine;
  readonly #options: LegOptions;
  #installation: Installation;
  #failedMs: number | undefined;

  constructor(machine: RunningMachine, before: Installation, options: LegOptions) {
    this.#machine = machine;
    this.#options = options;
    this.#installation = goOn(before, performance.now());
  }

  async run(): Promise<Installation> {
    const { qmp, console, exited } = this.#machine;
    console.onLine((text) => this.#take({ kind: 'line', text }));
    qmp.on('event', ({ name }) => name === 'GUEST_PANICKED' && this.#take({ kind: 'panic' }));
    this.#options.onProgress(this.#installation);
    await qmp.execute('cont');
    const gone = exited.then(() => true);
    const { signal } = this.#options;
    for (;;) {
      const isGone = await Promise.race([gone, delay(LOOK_MS, false, { signal })]).catch(() => {
        throw signal!.reason;
      });
      if (isGone) return await this.#ended();
      await this.#look(performance.now());
    }
  }

  #take(event: InstallationEvent): void {
    const before = this.#installation;
    this.#installation = advance(before, event, performance.now());
    if (this.#installation !== before) this.#options.onProgress(this.#installation);
    if (typeof this.#installation.outcome === 'object') this.#failedMs ??= performance.now();
  }

  async #look(now: number): Promise<void> {
    const { patience, settings } = this.#options;
    if (this.#installation.stage === 'boot-prompt' && (await this.#hasWrittenDisk()))
      this.#take({ kind: 'disk-written' });
    if (wantsKey(this.#installation, now, settings.accelerator)) await this.#pressKey();
    const hasGivenUp = hasStalled(this.#installation, now, patience);
    if (!hasGivenUp && !this.#hasSaidAll(now)) return;
    const screenshot = join(this.#options.evidence, 'screenshot.png');
    await saveDisplay(this.#machine, screenshot).catch(unlessGone);
    const evidence = [screenshot, ...this.#logs()];
    throw hasGivenUp
      ? stalled(this.#installation, patience, { evidence, lastLines: this.#machine.console.lastLines(3) })
      : installationFailed(this.#installation, evidence);
  }

  /** It has failed, and what the guest says of it has come. */
  #hasSaidAll(now: number): boolean {
    const { outcome } = this.#installation;
    if (typeof outcome !== 'object' || this.#failedMs === undefined) return false;
    const waitMs = outcome.kind === 'step-failed' ? LAST_WORDS_MS[this.#options.settings.accelerator] : 0;
    return now - this.#failedMs > waitMs;
  }

  /** The first one is what is installed to; the others are CDs. */
  async #hasWrittenDisk(): Promise<boolean> {
    const nodes = await this.#machine.qmp
      .execute<BlockStatistics[]>('query-blockstats')
      .catch((error: unknown) => (unlessGone(error), []));
    return nodes.some((node) => node['node-name'] === 'disk0' && node.stats.wr_bytes > 0);
  }

  /** Any will do; this one does nothing in Setup. */
  async #pressKey(): Promise<void> {
    await this.#machine.qmp.execute('send-key', { keys: [{ type: 'qcode', data: 'up' }] }).catch(unlessGone);
  }

  async #ended(): Promise<Installation> {
    const { cause, words } = await this.#machine.exited;
    // What it printed last has come then.
    await this.#machine.console.ended;
    if (cause === 'killed' || cause === 'failed') {
      throw new LabError({
        code: 'LAB_QEMU_FAILED',
        blame: 'host',
        message: `QEMU ${cause === 'killed' ? 'was killed' : 'gave up'} during the installation: ${words || 'without a word'}`,
        next: 'the same command goes on from the last restart of the guest',
        evidence: this.#logs(),
      });
    }
    this.#take({ kind: cause === 'guest-reset' ? 'reset' : 'end' });
    if (typeof this.#installation.outcome !== 'object') return this.#installation;
    throw installationFailed(this.#installation, this.#logs());
  }

  #logs(): string[] {
    return [this.#machine.console.path, this.#machine.logPath];
  }
}

/** What has ended is told by its end. */
function unlessGone(error: unknown): void {
  if (!(error instanceof LabError && error.code === 'LAB_QMP_CLOSED')) throw error;
}
