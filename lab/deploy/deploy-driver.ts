/** Brings a driver into a guest: checked, redirected, signed, copied, its service created with its parameters. */
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { LabError } from '../errors.ts';
import type { Guest } from '../guest/guest.ts';
import { renderParameters, type DriverParameters } from './driver-parameters.ts';
import { readExports } from './pe.ts';
import { preflight } from './preflight.ts';
import { redirectImports, type RedirectedImport } from './redirect-imports.ts';
import { checkRecorded, planRedirections, WSK_MODULE } from './redirections.ts';
import { createService, deleteService, startService, stopService } from './service.ts';
import { signDriver } from './sign.ts';
import type { SigningKey } from './signing-key.ts';

export type DeployHost = Pick<Guest, 'capabilities' | 'exec' | 'put'>;

/** A guest with this capability has ntsup.sys: what its kernel lacks, drivers import from there. */
export const SUPPLEMENT_CAPABILITY = 'ntsup';
const DRIVERS_FOLDER = 'C:\\windows\\system32\\drivers';

export interface PrepareOptions {
  /** Host path of the driver file as its build made it; its base name becomes the service's. */
  file: string;
  /** Host folder for the prepared file. */
  folder: string;
  /** Without a key the file keeps the signature that it has, and its imports. */
  signingKey: SigningKey | undefined;
  /** Path of wsktr.sys: the driver's way to WSK is recorded. Without it the driver is one of the lab's own. */
  recorder?: string;
  /** Path of ntsup.sys, for a guest that needs it. */
  supplement?: string;
}

export interface PreparedDriver {
  service: string;
  /** Host path of the file that goes into the guest. */
  file: string;
  redirected: RedirectedImport[];
}

/** Checks, redirects and signs a driver file on the host. Needs no guest. */
export async function prepareDriver(options: PrepareOptions): Promise<PreparedDriver> {
  const { file, folder, signingKey } = options;
  const original = await readDriver(file);
  preflight(file, original, options.recorder === undefined ? {} : { imports: [WSK_MODULE] });
  const name = basename(file);
  const prepared = join(folder, name);
  const service = name.replace(/\.[^.]*$/, '');
  await mkdir(folder, { recursive: true });
  if (!signingKey) {
    await writeFile(prepared, original);
    return { service, file: prepared, redirected: [] };
  }

  const exportsOf = async (path: string | undefined) =>
    path === undefined ? [] : readExports(preflight(path, await readDriver(path)));
  const redirections = planRedirections({
    recorderExports: await exportsOf(options.recorder),
    supplementExports: await exportsOf(options.supplement),
  });
  const { file: rewritten, redirected } = redirectImports(original, redirections);
  if (options.recorder !== undefined) checkRecorded(file, redirected);
  const unsigned = `${prepared}.unsigned`;
  await writeFile(unsigned, rewritten);
  await signDriver(signingKey, unsigned, prepared);
  await rm(unsigned);
  return { service, file: prepared, redirected };
}

/** Refuses what no guest could load or record, before one is booted for it. */
export async function checkDriver(file: string): Promise<void> {
  preflight(file, await readDriver(file), { imports: [WSK_MODULE] });
}

async function readDriver(path: string): Promise<Buffer> {
  return await readFile(path).catch((cause: unknown) => {
    throw new LabError({
      code: 'LAB_DRIVER_MISSING',
      blame: 'usage',
      message: `driver file '${path}' cannot be read: ${(cause as Error).message}`,
      next: 'give the path of the .sys file',
      cause,
    });
  });
}

/** A driver whose service exists in the guest. Disposal stops and deletes the service. */
export class DeployedDriver implements AsyncDisposable {
  readonly service: string;
  readonly #guest: DeployHost;

  constructor(guest: DeployHost, service: string) {
    this.#guest = guest;
    this.service = service;
  }

  /** See startService. */
  async start(timeoutMs?: number): Promise<void> {
    await startService(this.#guest, this.service, timeoutMs);
  }

  /** See stopService. */
  async stop(timeoutMs?: number): Promise<void> {
    await stopService(this.#guest, this.service, timeoutMs);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    try {
      await stopService(this.#guest, this.service);
    } finally {
      await deleteService(this.#guest, this.service);
    }
  }
}

/** Copies a prepared driver into the guest and creates its service with its parameters; it is not started. */
export async function installDriver(
  guest: DeployHost,
  { service, file }: PreparedDriver,
  parameters: DriverParameters = {},
): Promise<DeployedDriver> {
  const registryFile = renderParameters(service, parameters);
  const binaryPath = `${DRIVERS_FOLDER}\\${service}.sys`;
  await guest.put(file, binaryPath);
  await createService(guest, service, { binaryPath });
  try {
    await importRegistry(guest, service, registryFile);
  } catch (error) {
    await deleteService(guest, service).catch(() => undefined);
    throw error;
  }
  return new DeployedDriver(guest, service);
}

async function importRegistry(guest: DeployHost, service: string, registryFile: Buffer): Promise<void> {
  const path = `C:\\lab\\${service}.reg`;
  await guest.put(registryFile, path);
  const { exitCode, stdout, stderr } = await guest.exec(`reg.exe import ${path}`);
  if (exitCode === 0) return;
  throw new LabError({
    code: 'LAB_DRIVER_PARAMETERS_REFUSED',
    blame: 'guest',
    message: `the guest's reg.exe refused the parameters of '${service}' (exit code ${exitCode}): ${`${stdout} ${stderr}`.trim().slice(0, 300)}`,
    next: `try reg.exe import ${path} in the guest (npm run lab -- shell)`,
  });
}

/** Whether drivers for this guest need ntsup.sys. */
export function needsSupplement(guest: Pick<Guest, 'capabilities'>): boolean {
  return guest.capabilities.has(SUPPLEMENT_CAPABILITY);
}
