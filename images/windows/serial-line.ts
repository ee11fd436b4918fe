/** What comes over COM1 while Windows is installed: the firmware's log, and the lines of our own scripts. */

export type SerialLine =
  /** The firmware hands over to what it found there. */
  | { kind: 'boot'; from: 'cd' | 'disk' }
  /** Nothing was to be started: nobody answered the CD's prompt, or there is no system. */
  | { kind: 'nothing-to-boot' }
  | { kind: 'stage'; stage: string }
  | { kind: 'step'; step: string; state: 'begins' | 'ok' }
  /** `line` is the one of the step's list of commands. */
  | { kind: 'step-failed'; step: string; code: number; line: number }
  | { kind: 'host-key'; key: string };

const TERMINAL_ESCAPES = /\u001b\[[0-9;=?]*[A-Za-z]/g;

/** Undefined for what says nothing about the installation. */
export function parseSerialLine(raw: string): SerialLine | undefined {
  const text = raw.replaceAll(TERMINAL_ESCAPES, '').trim();
  // OVMF 2022.11: `BdsDxe: starting Boot0001 "UEFI QEMU DVD-ROM QM00003 " from PciRoot(0x0)/…`
  const started = /BdsDxe: starting Boot[0-9A-F]{4} "([^"]*)"/.exec(text)?.[1];
  if (started !== undefined) {
    if (started.includes('DVD-ROM')) return { kind: 'boot', from: 'cd' };
    if (started.includes('Windows Boot Manager') || started.includes('HARDDISK'))
      return { kind: 'boot', from: 'disk' };
    return { kind: 'nothing-to-boot' };
  }
  if (/BdsDxe: No bootable option or device was found/.test(text)) return { kind: 'nothing-to-boot' };
  return ours(text);
}

function ours(text: string): SerialLine | undefined {
  // Behind what another program left in the line.
  const words = /\bwsklab (stage|step|host-key) (.+)$/.exec(text);
  if (!words) return undefined;
  const [, kind, rest = ''] = words;
  if (kind === 'stage') return { kind, stage: rest };
  if (kind === 'host-key') return { kind, key: rest };
  const failed = /^(\S+) failed (-?\d+) at (\d+)$/.exec(rest);
  if (failed)
    return { kind: 'step-failed', step: failed[1]!, code: Number(failed[2]), line: Number(failed[3]) };
  const told = /^(\S+) (begins|ok)$/.exec(rest);
  return told ? { kind: 'step', step: told[1]!, state: told[2] as 'begins' | 'ok' } : undefined;
}
