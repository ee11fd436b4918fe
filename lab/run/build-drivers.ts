/** Builds the project's own drivers and guest programs with make; what is up to date is not built again. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';
import { LabError } from '../errors.ts';
import { whileLocked } from '../lock.ts';
import { projectRoot } from '../project.ts';

/** Where make puts NAME.sys, NAME.exe and their PDB files. */
export const driversFolder = join(projectRoot, 'drivers', 'build');

/** Two labs on one checkout take turns. */
export async function buildDrivers(signal?: AbortSignal): Promise<void> {
  await whileLocked(join(driversFolder, 'make'), () => make(signal), { signal });
}

async function make(signal: AbortSignal | undefined): Promise<void> {
  const { exitCode, all, failed, isCanceled } = await execa(
    'make',
    ['-C', join(projectRoot, 'drivers'), '-j2'],
    {
      all: true,
      reject: false,
      ...(signal && { cancelSignal: signal }),
    },
  );
  if (isCanceled) signal?.throwIfAborted();
  if (!failed) return;
  throw new LabError({
    code: 'LAB_DRIVERS_BUILD',
    blame: 'lab',
    message: `make in drivers/ ended with exit code ${exitCode ?? 'none'}:\n${all.split('\n').slice(-15).join('\n')}`,
    next: 'read the first error above; `npm run lab -- doctor` says whether the toolchain is complete',
  });
}

/**
 * The file of a driver that is given by path or by the name of one of our own ('echo', 'reject-closes').
 * @throws LabError LAB_DRIVER_MISSING when neither exists.
 */
export function driverFile(nameOrPath: string): string {
  const built = join(driversFolder, `${nameOrPath}.sys`);
  if (existsSync(built)) return built;
  if (existsSync(nameOrPath)) return nameOrPath;
  throw new LabError({
    code: 'LAB_DRIVER_MISSING',
    blame: 'usage',
    message: `no driver '${nameOrPath}': neither a file nor one of the project's own drivers`,
    next: 'give the path of a .sys file, or a name from drivers/ such as echo',
  });
}
