/** Where scenarios get their guests: a new one for each, thrown away afterwards. */
import { join } from 'node:path';
import { ClonePool } from '../clone/clone-pool.ts';
import { defaultJobs, poolSize } from '../clone/pool-size.ts';
import { ensureTemplate, type Template, type TemplateStage } from '../clone/template.ts';
import type { LabConfig } from '../config/lab-config.ts';
import { armVerifier, requireArmed, verifierText, type VerifierSettings } from '../deploy/verifier.ts';
import { LabError } from '../errors.ts';
import { bootGuest, type BootOptions, type BootPhase } from '../guest/boot-guest.ts';
import type { BootedGuest } from '../guest/guest.ts';
import type { GuestImage } from '../guest/guest-image.ts';
import { probeCapabilities } from '../guest/probe-capabilities.ts';
import { UnchangedFiles } from '../image/unchanged-files.ts';
import { GuestSession, type SessionParts } from './guest-session.ts';
import { AGENT_FILE, agentFault, agentWarning, requireAgent, updateAgent } from './installed-agent.ts';
import type { Preparation } from './prepare-guest.ts';
import { exerciseTrace, readyContents, readyGuest } from './ready-guest.ts';
import type { RunFolder } from './run-folder.ts';

export interface GuestSource extends AsyncDisposable {
  /** How many guests the host bears at the same time. */
  readonly jobs: number;
  /** A guest that nobody has used. The caller disposes of it. */
  take(): Promise<GuestSession>;
}

export interface GuestSourceOptions {
  preparation: Preparation;
  config: LabConfig;
  folder: RunFolder;
  /** Guests at the same time; default: what the host bears. */
  jobs: number | undefined;
  /** How many will be taken at most: no more are made ahead. */
  expected: number;
  /** Boot each guest instead of cloning a template. */
  cold: boolean;
  /** Driver Verifier is armed in the template; undefined: off. */
  verifier?: VerifierSettings | undefined;
  signal: AbortSignal;
  onTemplate?: (stage: TemplateStage) => void;
  onBoot?: (phase: BootPhase | 'recorder') => void;
  onWarning?: (message: string) => void;
}

/** Makes the template, if there is none and clones are wanted. Rejects as `ensureTemplate` does. */
export async function openGuests(options: GuestSourceOptions): Promise<GuestSource> {
  if (!options.cold) return await WarmGuests.open(options);
  warnOfAgent(options);
  return new ColdGuests(options);
}

class WarmGuests implements GuestSource {
  readonly jobs: number;
  readonly #template: Template;
  readonly #options: GuestSourceOptions;
  #pool: Promise<ClonePool> | undefined;

  static async open(options: GuestSourceOptions): Promise<WarmGuests> {
    const { preparation, config, folder, expected, signal, onTemplate, onWarning } = options;
    const { signingKey, agent } = preparation;
    const { verifier } = options;
    const template = await ensureTemplate({
      image: machineOf(options),
      imageDigest: preparation.image.digest,
      contents: { ...(await readyContents(signingKey)), ...preparedContents(options) },
      ready: async (guest) => {
        await readyGuest(guest, { signingKey, folder: join(folder.path, 'template') });
        if (agent) await requireAgent(guest, agent);
        if (verifier) await requireArmed(guest, verifier);
      },
      ...((agent ?? verifier) && { prepare: (guest) => prepare(guest, options) }),
      evidence: join(folder.path, 'template'),
      network: config.machine.network,
      accelerator: config.machine.accelerator,
      ...bootTimeout(config),
      ...{ signal, ...(onTemplate && { onStage: onTemplate }), ...(onWarning && { onWarning }) },
    });
    const jobs = Math.min(options.jobs ?? defaultJobs(template.accelerator.accelerator), expected);
    return new WarmGuests(template, jobs, options);
  }

  private constructor(template: Template, jobs: number, options: GuestSourceOptions) {
    this.#template = template;
    this.jobs = jobs;
    this.#options = options;
  }

  async take(): Promise<GuestSession> {
    const { folder, preparation } = this.#options;
    // Not before: to make clones ahead is work, and a lab whose turn has not come leaves the processors to the others.
    this.#pool ??= this.#openPool();
    const { ordinal, ...taken } = await (await this.#pool).take();
    const { signingKey } = preparation;
    return new GuestSession({ ...taken, signingKey, folder: folder.machine(ordinal) });
  }

  async #openPool(): Promise<ClonePool> {
    const { folder, expected, signal, onWarning } = this.#options;
    return await ClonePool.open({
      ...{
        template: this.#template,
        size: poolSize(this.jobs),
        expected,
        signal,
        ...(onWarning && { onWarning }),
      },
      evidence: (ordinal) => folder.machine(ordinal),
      boot: (ordinal) => {
        warnOfAgent(this.#options);
        return bootReady(ordinal, this.#options);
      },
      exercise: exerciseTrace,
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const pool = await this.#pool?.catch(() => undefined);
    await pool?.[Symbol.asyncDispose]();
  }
}

class ColdGuests implements GuestSource {
  readonly jobs: number;
  readonly #options: GuestSourceOptions;
  #machines = 0;
  #failures = 0;
  #unbootable: LabError | undefined;

  constructor(options: GuestSourceOptions) {
    this.#options = options;
    const { accelerator } = options.config.machine;
    this.jobs = Math.min(
      options.jobs ?? defaultJobs(accelerator === 'kvm' ? 'kvm' : 'tcg'),
      options.expected,
    );
  }

  /** What could not boot twice running is not tried for every scenario again. */
  async take(): Promise<GuestSession> {
    if (this.#unbootable) throw this.#unbootable;
    const began = performance.now();
    const ordinal = ++this.#machines;
    try {
      const booted = await bootReady(ordinal, this.#options);
      this.#failures = 0;
      const { preparation, folder } = this.#options;
      return new GuestSession({
        ...{ ...booted, signingKey: preparation.signingKey, folder: folder.machine(ordinal) },
        ...{ origin: 'boot', readyMs: performance.now() - began },
      });
    } catch (error) {
      if (error instanceof LabError && ++this.#failures === 2) this.#unbootable = error;
      throw error;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    // Nothing is made ahead.
  }
}

type BootedOn = Pick<SessionParts, 'guest' | 'files'>;

const preparedContents = ({
  preparation: { agent },
  verifier,
}: GuestSourceOptions): Record<string, string> => ({
  ...(agent && { [AGENT_FILE]: agent.sha256 }),
  ...(verifier && { 'Driver Verifier': verifierText(verifier) }),
});

/** What a guest has to be started again for. */
async function prepare(guest: BootedGuest, options: GuestSourceOptions): Promise<void> {
  const { preparation, verifier } = options;
  if (preparation.agent) await updateAgent(guest, preparation.agent);
  if (!verifier) return;
  guest.findings = await probeCapabilities(guest);
  await armVerifier(guest, verifier);
}

function warnOfAgent({ preparation: { agent, image }, onWarning }: GuestSourceOptions): void {
  if (agent) onWarning?.(agentWarning(image.name));
}

/** Boots the guest and gets it as ready as a clone is, with the agent of its image. */
async function bootReady(ordinal: number, options: GuestSourceOptions): Promise<BootedOn> {
  const { agent, image } = options.preparation;
  try {
    return await bootAsItIs(ordinal, options);
  } catch (error) {
    throw agent ? agentFault(image.name, error) : error;
  }
}

async function bootAsItIs(ordinal: number, options: GuestSourceOptions): Promise<BootedOn> {
  const { preparation, folder, onBoot, verifier } = options;
  if (verifier)
    throw new LabError({
      code: 'LAB_VERIFIER_NOT_ARMED',
      blame: 'lab',
      message: 'Driver Verifier is armed in templates only, and this guest would be booted by itself',
      next: 'run without --cold; after failed clones, see why they failed',
    });
  const evidence = folder.machine(ordinal);
  const image = machineOf(options);
  const files = await UnchangedFiles.of(image.disks.map(({ file }) => file));
  const guest = await bootGuest(image, bootOptions(evidence, options));
  try {
    onBoot?.('recorder');
    await guest.agent.setClock(Date.now());
    await readyGuest(guest, { signingKey: preparation.signingKey, folder: join(evidence, 'drivers') });
    // Whether it fits the recorder is tried: later it would look like the driver's failure.
    if (preparation.agent) await exerciseTrace(guest.agent);
    return { guest, files };
  } catch (error) {
    await guest[Symbol.asyncDispose]();
    throw error;
  }
}

function bootOptions(
  evidence: string,
  { config, signal, onBoot, onWarning }: GuestSourceOptions,
): BootOptions {
  return {
    ...{ evidence, signal, network: config.machine.network, accelerator: config.machine.accelerator },
    ...bootTimeout(config),
    ...(onBoot && { onPhase: (phase, ms) => void (ms === undefined && onBoot(phase)) }),
    ...(onWarning && { onWarning }),
  };
}

/** What the configuration leaves to the image is left out. */
const asked = <Settings extends Record<string, number | 'auto'>>(settings: Settings) =>
  Object.fromEntries(Object.entries(settings).filter(([, value]) => value !== 'auto')) as {
    [Name in keyof Settings]?: number;
  };

const bootTimeout = ({ timeouts }: LabConfig): { timeoutMs?: number } =>
  timeouts.bootMs === 'auto' ? {} : { timeoutMs: timeouts.bootMs };

const machineOf = ({ preparation, config }: GuestSourceOptions): GuestImage => ({
  ...preparation.guest,
  ...asked({ memoryMiB: config.machine.memoryMiB, cores: config.machine.cores }),
});
