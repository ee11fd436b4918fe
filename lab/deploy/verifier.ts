/**
 * Driver Verifier: what it watches, for which drivers. It takes settings at a boot only, so it is armed once, in a boot
 * before the one that a template is made of. Flags and exit codes after Microsoft's page on its command line.
 */
import { LabError } from '../errors.ts';
import type { CapabilityFinding } from '../guest/capabilities.ts';
import type { BootedGuest } from '../guest/guest.ts';
import { verifierFlags } from '../guest/probe-capabilities.ts';

export const VERIFIER_FLAGS = {
  'special-pool': 0x1,
  'force-irql': 0x2,
  'low-resources': 0x4,
  'pool-tracking': 0x8,
  io: 0x10,
  deadlock: 0x20,
  dma: 0x80,
  security: 0x100,
  'force-pending': 0x200,
  'irp-logging': 0x400,
  misc: 0x800,
  'invariant-mdl-stack': 0x2000,
  'invariant-mdl': 0x4000,
  'ddi-compliance': 0x20000,
  'code-integrity': 0x2000000,
} as const;
export type VerifierFlag = keyof typeof VERIFIER_FLAGS;
export const verifierFlagNames = Object.keys(VERIFIER_FLAGS) as [VerifierFlag, ...VerifierFlag[]];

/** What `verifier /standard` means. */
const STANDARD: readonly VerifierFlag[] = [
  ...(['special-pool', 'force-irql', 'pool-tracking', 'io', 'deadlock', 'dma'] as const),
  ...(['security', 'misc', 'ddi-compliance'] as const),
];

/** As configuration, scenarios and --verifier say it. */
export type VerifierChoice = 'off' | 'standard' | readonly VerifierFlag[];

export interface VerifierSettings {
  flags: number;
  /** Names of driver files. */
  drivers: readonly string[];
}

/** The flags of a choice; 0: off. */
export function flagsOf(choice: VerifierChoice): number {
  const names = choice === 'off' ? [] : choice === 'standard' ? STANDARD : choice;
  return names.reduce((flags, name) => flags | VERIFIER_FLAGS[name], 0);
}

/** '0x000209bb for echo.sys, wsktr.sys': names the settings in a template's key, too. */
export function verifierText({ flags, drivers }: VerifierSettings): string {
  return `${hex(flags)} for ${drivers.join(', ')}`;
}

type VerifierHost = Pick<BootedGuest, 'name' | 'exec' | 'has'> & { findings: readonly CapabilityFinding[] };

/** 2: done, and in force after the next start. */
const DONE = [0, 2];

/** Sets it for the next start. Rejects with LAB_VERIFIER_UNAVAILABLE for a guest that has none. */
export async function armVerifier(guest: VerifierHost, { flags, drivers }: VerifierSettings): Promise<void> {
  requireVerifier(guest);
  const { exitCode, stdout } = await guest.exec(`verifier /flags ${hex(flags)} /driver ${drivers.join(' ')}`);
  if (DONE.includes(exitCode ?? -1)) return;
  throw notArmed(`verifier.exe ended with exit code ${exitCode}: ${oneLine(stdout)}`);
}

/**
 * Rejects with LAB_VERIFIER_NOT_ARMED unless the flags are in force for all the drivers. Microsoft's pages: /query tells
 * what is in force, and of drivers perhaps those only that are loaded; /querysettings what the next start will take, which
 * is the same when nobody has set anything since.
 */
export async function requireArmed(guest: VerifierHost, wanted: VerifierSettings): Promise<void> {
  requireVerifier(guest);
  const active = await guest.exec('verifier /query');
  const kept = await guest.exec('verifier /querysettings');
  const flags = Number(verifierFlags(active.stdout) ?? 0);
  const named = `${active.stdout}\n${kept.stdout}`.toLowerCase();
  const missing = wanted.drivers.filter((name) => !named.includes(name.toLowerCase()));
  if ((flags & wanted.flags) === wanted.flags && missing.length === 0) return;
  throw notArmed(
    `wanted ${verifierText(wanted)}, in force are ${hex(flags)}${missing.length > 0 ? ` without ${missing.join(', ')}` : ''}`,
  );
}

function requireVerifier(guest: VerifierHost): void {
  if (guest.has('verifier')) return;
  const why = guest.findings.find(({ name }) => name === 'verifier')?.why ?? 'it was not asked';
  throw new LabError({
    code: 'LAB_VERIFIER_UNAVAILABLE',
    blame: 'usage',
    message: `guest '${guest.name}' has no Driver Verifier: ${why}`,
    next: 'run on a Windows guest, or without --verifier and without `verifier` in lab.config.yaml',
  });
}

function notArmed(message: string): LabError {
  return new LabError({
    code: 'LAB_VERIFIER_NOT_ARMED',
    blame: 'guest',
    message: `Driver Verifier is not armed: ${message}`,
    next: 'ask it in the guest: npm run lab -- shell, then verifier /querysettings',
  });
}

const hex = (flags: number): string => `0x${flags.toString(16).padStart(8, '0')}`;
const oneLine = (text: string): string => text.replaceAll(/\s+/g, ' ').trim().slice(0, 300);
