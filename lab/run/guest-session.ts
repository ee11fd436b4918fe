/** A guest with the recorder in it, ready for a driver: what one scenario runs on, and nobody after it. */
import {
  installDriver,
  needsSupplement,
  prepareDriver,
  type DeployedDriver,
  type PreparedDriver,
} from '../deploy/deploy-driver.ts';
import type { SigningKey } from '../deploy/signing-key.ts';
import type { BootedGuest } from '../guest/guest.ts';
import type { UnchangedFiles } from '../image/unchanged-files.ts';
import { driverFile } from './build-drivers.ts';
import { RECORDER, SUPPLEMENT } from './ready-guest.ts';

export interface SessionParts {
  guest: BootedGuest;
  /** What it runs on. */
  files: UnchangedFiles;
  signingKey: SigningKey;
  /** Where the machine's console log and capture are. */
  folder: string;
  origin: 'clone' | 'boot';
  /** Milliseconds from the request for the guest until it answered. */
  readyMs: number;
}

export class GuestSession implements AsyncDisposable {
  readonly guest: BootedGuest;
  readonly files: UnchangedFiles;
  readonly folder: string;
  readonly origin: SessionParts['origin'];
  readonly readyMs: number;
  readonly #signingKey: SigningKey;

  constructor({ guest, files, signingKey, folder, origin, readyMs }: SessionParts) {
    this.guest = guest;
    this.files = files;
    this.folder = folder;
    this.origin = origin;
    this.readyMs = readyMs;
    this.#signingKey = signingKey;
  }

  /** Checks, redirects and signs a driver under test for this guest. */
  async prepare(nameOrPath: string, folder: string): Promise<PreparedDriver> {
    return await prepareDriver({
      file: driverFile(nameOrPath),
      folder,
      signingKey: this.#signingKey,
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
