/** What has to be true of a driver file before it goes near a guest. */
import { LabError } from '../errors.ts';
import {
  MACHINE,
  readImports,
  readPe,
  RELOCATIONS_STRIPPED,
  SECTION_FLAGS,
  SUBSYSTEM_NATIVE,
  type PeFile,
} from './pe.ts';

export interface PreflightOptions {
  /** Modules of which the driver must import something: ['NETIO.SYS'] for the driver under test. */
  imports?: readonly string[];
}

const MACHINE_NAMES = new Map<number, string>([
  [MACHINE.arm64, 'ARM64'],
  [0x1c4, 'ARM'],
  [0x14c, '32-bit x86'],
]);

/**
 * Reads a driver file and refuses one that no guest could load, with a LabError that names `path`: not a PE
 * file, not x64, not a kernel driver, without a required import, with a section both writable and executable,
 * or without relocations.
 */
export function preflight(path: string, file: Buffer, { imports = [] }: PreflightOptions = {}): PeFile {
  const { pe, modules } = readDriver(path, file);
  const refuse = (code: `LAB_${string}`, what: string, next: string): never => {
    throw new LabError({ code, blame: 'usage', message: `driver file '${path}' ${what}`, next });
  };

  if (pe.machine !== MACHINE.amd64) {
    const machine = MACHINE_NAMES.get(pe.machine) ?? `machine 0x${pe.machine.toString(16)}`;
    refuse('LAB_DRIVER_MACHINE', `is for ${machine}, the guests are x64`, 'build the driver for x64');
  }
  if (pe.subsystem !== SUBSYSTEM_NATIVE)
    refuse(
      'LAB_DRIVER_SUBSYSTEM',
      `has subsystem ${pe.subsystem} instead of 1 (native): it is a program or a DLL, not a kernel driver`,
      'link with /SUBSYSTEM:NATIVE (/DRIVER), or --subsystem,native with GNU ld',
    );
  if (pe.characteristics & RELOCATIONS_STRIPPED)
    refuse(
      'LAB_DRIVER_RELOCATIONS',
      'has its relocations stripped: the kernel loads drivers at any address',
      'link without /FIXED, or with --dynamicbase',
    );
  const bothWays = pe.sections.find(
    ({ flags }) => flags & SECTION_FLAGS.write && flags & SECTION_FLAGS.execute,
  );
  if (bothWays)
    refuse(
      'LAB_DRIVER_WRITABLE_CODE',
      `has a section '${bothWays.name}' that is writable and executable: memory integrity refuses that`,
      'keep code and data in sections of their own',
    );
  for (const required of imports)
    if (!modules.includes(required.toLowerCase()))
      refuse(
        'LAB_DRIVER_IMPORT',
        `imports nothing from ${required} (it imports from ${modules.join(', ') || 'no module'}), so it has no border with WSK to record`,
        'give a driver that calls WskRegister and WskCaptureProviderNPI',
      );
  return pe;
}

function readDriver(path: string, file: Buffer): { pe: PeFile; modules: string[] } {
  try {
    const pe = readPe(file);
    return { pe, modules: readImports(pe).map(({ module }) => module.toLowerCase()) };
  } catch (error) {
    if (!(error instanceof LabError)) throw error;
    const { code, blame, message, next } = error;
    throw new LabError({
      code,
      blame,
      message: `driver file '${path}': ${message}`,
      ...(next !== undefined && { next }),
    });
  }
}
