/** Which imports of a driver go to the recorder and to the kernel supplement. */
import { LabError } from '../errors.ts';
import type { Redirection, RedirectedImport } from './redirect-imports.ts';

export const RECORDER_MODULE = 'WSKTR.SYS';
export const SUPPLEMENT_MODULE = 'NTSUP.SYS';
export const WSK_MODULE = 'NETIO.SYS';
const KERNEL_MODULES = ['ntoskrnl.exe', 'hal.dll'];

/** Without these two there is no border to record. */
const BORDER = ['WskRegister', 'WskCaptureProviderNPI'];

export interface RedirectionSources {
  /** Names that the recorder exports; only for the driver under test, so that it is recorded. */
  recorderExports?: readonly string[];
  /** Names that the kernel supplement exports; only for a guest that needs it. */
  supplementExports?: readonly string[];
}

/** The recorder comes first: what it records, it hands on to the supplement by itself. */
export function planRedirections({ recorderExports, supplementExports }: RedirectionSources): Redirection[] {
  const recorded = [WSK_MODULE, ...KERNEL_MODULES].map((from) => ({
    from,
    to: RECORDER_MODULE,
    names: recorderExports ?? [],
  }));
  const supplied = KERNEL_MODULES.map((from) => ({
    from,
    to: SUPPLEMENT_MODULE,
    names: supplementExports ?? [],
  }));
  return [...recorded, ...supplied];
}

/** Raises LAB_DRIVER_NOT_RECORDED unless the driver's way to WSK goes through the recorder now. */
export function checkRecorded(path: string, redirected: readonly RedirectedImport[]): void {
  const recorded = redirected.filter(({ to }) => to === RECORDER_MODULE).map(({ name }) => name);
  const missing = BORDER.filter((name) => !recorded.includes(name));
  if (missing.length === 0) return;
  throw new LabError({
    code: 'LAB_DRIVER_NOT_RECORDED',
    blame: 'usage',
    message: `driver file '${path}' does not import ${missing.join(' and ')} from ${WSK_MODULE}, so it cannot be recorded`,
    next: 'a driver that reaches WSK in another way (KMDF, run-time look-up) cannot be recorded yet',
  });
}
