/**
 * UEFI for guests that need it: OVMF without Secure Boot, which would keep test-signed drivers out. The code is shared
 * and read-only; what it remembers is each machine's own.
 */
import { existsSync } from 'node:fs';
import { LabError } from '../errors.ts';

export interface UefiFirmware {
  code: string;
  /** Without any entry; to be copied, never written to. */
  variables: string;
}

/** Where Debian's package `ovmf` puts it. */
const OVMF: UefiFirmware = {
  code: '/usr/share/OVMF/OVMF_CODE_4M.fd',
  variables: '/usr/share/OVMF/OVMF_VARS_4M.fd',
};

/** @throws LabError LAB_FIRMWARE_MISSING. */
export function findFirmware(firmware = OVMF): UefiFirmware {
  const missing = Object.values(firmware).find((path: string) => !existsSync(path)) as string | undefined;
  if (missing === undefined) return firmware;
  throw new LabError({
    code: 'LAB_FIRMWARE_MISSING',
    blame: 'host',
    message: `there is no UEFI firmware: no file '${missing}'`,
    next: 'install it: sudo apt-get install ovmf',
  });
}
