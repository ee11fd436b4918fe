/** A booted guest with the recorder in it, ready for drivers: what scenarios run on, one after the other. */
import { join } from 'node:path';
import type { LabConfig } from '../config/lab-config.ts';
import {
  installDriver,
  needsSupplement,
  prepareDriver,
  type DeployedDriver,
  type PreparedDriver,
} from '../deploy/deploy-driver.ts';
import type { SigningKey } from '../deploy/signing-key.ts';
import { bootGuest, type BootPhase } from '../guest/boot-guest.ts';
import type { BootedGuest } from '../guest/guest.ts';
import type { GuestImage } from '../guest/guest-image.ts';
import { driverFile, driversFolder } from './build-drivers.ts';

export interface SessionOptions {
  image: GuestImage;
  config: LabConfig;
  signingKey: SigningKey;
  /** The machine's folder in the run folder. */
  folder: string;
  signal: AbortSignal;
  onPhase?: (phase: BootPhase | 'recorder', ms: number | undefined) => void;
  onWarning?: (message: string) => void;
}

const RECORDER = 'wsktr';
const SUPPLEMENT = 'ntsup';
/** What scenarios say to the running sample goes through it; see drivers/echoctl. */
export const CONTROL_PROGRAM = 'C:\\lab\\echoctl.exe';

export class GuestSession implements AsyncDisposable {
  readonly guest: BootedGuest;
  readonly folder: string;
  /** Milliseconds from nothing to ssh and agent, and to the recorder. */
  readonly bootMs: number;
  readonly readyMs: number;
  readonly #options: SessionOptions;

  /** Boots the guest and starts the recorder in it. */
  static async start(options: SessionOptions): Promise<GuestSession> {
    const { config, image, folder, signal, onPhase, onWarning } = options;
    const began = performance.now();
    const guest = await bootGuest(
      { ...image, memoryMiB: config.machine.memoryMiB, cores: config.machine.cores },
      {
        evidence: folder,
        network: config.machine.network,
        accelerator: config.machine.accelerator,
        timeoutMs: config.timeouts.bootMs,
        signal,
        ...(onPhase && { onPhase }),
        ...(onWarning && { onWarning }),
      },
    );
    const bootMs = performance.now() - began;
    try {
      onPhase?.('recorder', undefined);
      const before = performance.now();
      await guest.agent.setClock(Date.now()).catch((error: unknown) => {
        onWarning?.(
          `the guest's clock stays as it is: ${error instanceof Error ? error.message : String(error)}`,
        );
      });
      await startOwnDrivers(guest, options);
      await guest.put(join(driversFolder, 'echoctl.exe'), CONTROL_PROGRAM);
      onPhase?.('recorder', performance.now() - before);
    } catch (error) {
      await guest[Symbol.asyncDispose]();
      throw error;
    }
    return new GuestSession(guest, options, { bootMs, readyMs: performance.now() - began });
  }

  private constructor(
    guest: BootedGuest,
    options: SessionOptions,
    { bootMs, readyMs }: { bootMs: number; readyMs: number },
  ) {
    this.guest = guest;
    this.folder = options.folder;
    this.bootMs = bootMs;
    this.readyMs = readyMs;
    this.#options = options;
  }

  /** Checks, redirects and signs a driver under test for this guest. */
  async prepare(nameOrPath: string, folder: string): Promise<PreparedDriver> {
    return await prepareDriver({
      file: driverFile(nameOrPath),
      folder,
      signingKey: this.#options.signingKey,
      recorder: driverFile(RECORDER),
      ...(needsSupplement(this.guest) && { supplement: driverFile(SUPPLEMENT) }),
    });
  }

  async install(
    driver: PreparedDriver,
    parameters: Record<string, number | string>,
  ): Promise<DeployedDriver> {
    return await installDriver(this.guest, driver, parameters);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.guest[Symbol.asyncDispose]();
  }
}

/** The kernel supplement where the guest needs one, then the recorder: each is imported by what comes after it. */
async function startOwnDrivers(guest: BootedGuest, { folder, signingKey }: SessionOptions): Promise<void> {
  const names = needsSupplement(guest) ? [SUPPLEMENT, RECORDER] : [RECORDER];
  for (const name of names) {
    const prepared = await prepareDriver({
      file: join(driversFolder, `${name}.sys`),
      folder: join(folder, 'drivers'),
      signingKey,
      ...(needsSupplement(guest) && name !== SUPPLEMENT && { supplement: driverFile(SUPPLEMENT) }),
    });
    const deployed = await installDriver(guest, prepared);
    await deployed.start();
  }
}
