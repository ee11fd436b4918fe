/** The first start of a sealed disk: it has to answer by ssh and agent, and is asked what it is. */
import { mkdir, rm } from 'node:fs/promises';
import { LabError } from '../../lab/errors.ts';
import { bootGuest } from '../../lab/guest/boot-guest.ts';
import type { BootedGuest } from '../../lab/guest/guest.ts';
import type { GuestImage } from '../../lab/guest/guest-image.ts';
import type { ImageFacts } from '../../lab/image/image-recipe.ts';

export interface FirstStartOptions {
  evidence: string;
  hasLicence: boolean;
  onNote: (text: string) => void;
  signal: AbortSignal | undefined;
}

const VERSION = String.raw`HKLM\SOFTWARE\Microsoft\Windows NT\CurrentVersion`;
const ASK_MS = 120_000;
const DAY_MS = 24 * 3_600_000;

/** What the guest writes is thrown away. @throws LabError as bootGuest; LAB_WINDOWS_EXPIRED, LAB_GUEST_CLOCK, LAB_GUEST_FACTS. */
export async function firstStart(image: GuestImage, options: FirstStartOptions): Promise<ImageFacts> {
  const { evidence, hasLicence, onNote, signal } = options;
  await rm(evidence, { recursive: true, force: true });
  await mkdir(evidence, { recursive: true });
  await using guest = await bootGuest(image, {
    ...{ evidence, capture: false, onWarning: onNote },
    ...(signal && { signal }),
  });
  // By cmd.exe, so that the system's own reg.exe is asked in every guest: an agent may have a smaller one in itself.
  const version = await ask(guest, `cmd.exe /d /c reg.exe query "${VERSION}"`);
  return {
    ...readVersion(version),
    ...(hasLicence && readLicence(await ask(guest, LICENCE), new Date())),
    hostKey: image.ssh.hostKey,
  };
}

async function ask(guest: BootedGuest, command: string): Promise<string> {
  const { stdout, stderr, exitCode } = await guest.exec(command, { timeoutMs: ASK_MS });
  if (exitCode === 0) return stdout;
  throw noFacts(`'${command.slice(0, 60)}' ended with ${exitCode}: ${stderr.slice(0, 500)}`);
}

/** From the output of `reg query`. */
export function readVersion(text: string): Pick<ImageFacts, 'build' | 'edition'> {
  const value = (name: string) => new RegExp(`^\\s+${name}\\s+REG_\\w+\\s+(.*?)\\s*$`, 'm').exec(text)?.[1];
  const build = value('CurrentBuildNumber') ?? value('CurrentBuild');
  if (build === undefined)
    throw noFacts(`the registry does not say which build it is: ${text.slice(0, 200)}`);
  // A number of its own for the updates in it.
  const revision = value('UBR');
  return {
    build: revision === undefined ? build : `${build}.${Number(revision)}`,
    edition: value('EditionID') ?? value('ProductName') ?? 'unknown',
  };
}

/**
 * The time, and of the licence in use how it stands, how many minutes are left (0: without end), and when an evaluation's
 * time is over for good (a year long past: never).
 */
const SCRIPT = `
$ProgressPreference = 'SilentlyContinue'
$windows = "ApplicationID='55c92734-d682-4d71-983e-d6ec3f16059f' AND PartialProductKey IS NOT NULL"
$licence = Get-CimInstance SoftwareLicensingProduct -Filter $windows | Select-Object -First 1
'now ' + [DateTime]::UtcNow.ToString('o')
'status ' + $licence.LicenseStatus
'minutes ' + $licence.GracePeriodRemaining
if ($licence.EvaluationEndDate) { 'over ' + $licence.EvaluationEndDate.ToUniversalTime().ToString('o') }
`;
const LICENCE = `powershell -NoProfile -NonInteractive -ExecutionPolicy Bypass -EncodedCommand ${Buffer.from(SCRIPT, 'utf16le').toString('base64')}`;

/** SoftwareLicensingProduct.LicenseStatus, in its order. */
const LICENCES = [
  ...(['unlicensed', 'licensed', 'initial grace', 'additional grace'] as const),
  ...(['non-genuine grace', 'notification', 'extended grace'] as const),
];

/** What its end is, UTC: none where nothing ends. */
export function readLicence(text: string, now: Date): Pick<ImageFacts, 'expiresAt' | 'licence'> {
  const word = (name: string) => new RegExp(`^${name} (\\S+)\\s*$`, 'm').exec(text)?.[1];
  const guestNow = word('now');
  if (guestNow === undefined)
    throw noFacts(`Windows does not say how its licence stands: ${text.slice(0, 200)}`);
  requireSameTime(guestNow, now);
  const over = new Date(word('over') ?? 0);
  if (over.getTime() > NEVER_MS && over <= now) {
    throw new LabError({
      code: 'LAB_WINDOWS_EXPIRED',
      blame: 'usage',
      message: `Windows is installed, and its evaluation was over on ${over.toISOString().slice(0, 10)}`,
      next: 'take a newer evaluation medium, or one of your licence',
    });
  }
  const licence = LICENCES[Number(word('status') ?? NaN)];
  const left = Number(word('minutes') ?? 0);
  return {
    ...(licence !== undefined && { licence }),
    ...(left > 0 && { expiresAt: new Date(now.getTime() + left * 60_000).toISOString() }),
  };
}

/** CIM tells a date that there is not as one of the year 1601. */
const NEVER_MS = Date.UTC(2000);

function requireSameTime(guestNow: string, now: Date): void {
  const differenceMs = new Date(guestNow).getTime() - now.getTime();
  if (Math.abs(differenceMs) <= DAY_MS) return;
  throw new LabError({
    code: 'LAB_GUEST_CLOCK',
    blame: 'guest',
    message: `the guest's clock says ${guestNow}, and the host's ${now.toISOString()}: ${Math.round(differenceMs / DAY_MS)} days between`,
    next: "set the host's clock right, and its time zone, then install again",
  });
}

function noFacts(message: string): LabError {
  return new LabError({
    ...{ code: 'LAB_GUEST_FACTS', blame: 'guest', message },
    next: 'try the command in the guest by hand: npm run lab -- shell --guest NAME --cold',
  });
}
