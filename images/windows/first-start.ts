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
  const expiresAt = hasLicence ? readLicence(await ask(guest, LICENCE), new Date()) : undefined;
  return {
    ...readVersion(version),
    ...(expiresAt !== undefined && { expiresAt }),
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

/** The time, and of the licence in use how it stands (1: licensed) and how many minutes are left (0: without end). */
const SCRIPT = `
$ProgressPreference = 'SilentlyContinue'
$windows = "ApplicationID='55c92734-d682-4d71-983e-d6ec3f16059f' AND PartialProductKey IS NOT NULL"
$licence = Get-CimInstance SoftwareLicensingProduct -Filter $windows | Select-Object -First 1
'now ' + [DateTime]::UtcNow.ToString('o')
'status ' + $licence.LicenseStatus
'minutes ' + $licence.GracePeriodRemaining
`;
const LICENCE = `powershell -NoProfile -NonInteractive -ExecutionPolicy Bypass -EncodedCommand ${Buffer.from(SCRIPT, 'utf16le').toString('base64')}`;

/** LicenseStatus: what was to be used is used up. */
const NOTIFICATION = '5';

/** When it ends, UTC; undefined when it does not. */
export function readLicence(text: string, now: Date): string | undefined {
  const word = (name: string) => new RegExp(`^${name} (\\S+)\\s*$`, 'm').exec(text)?.[1];
  const [guestNow, status, minutes] = [word('now'), word('status'), word('minutes')];
  if (guestNow === undefined)
    throw noFacts(`Windows does not say how its licence stands: ${text.slice(0, 200)}`);
  const differenceMs = new Date(guestNow).getTime() - now.getTime();
  if (Math.abs(differenceMs) > DAY_MS) {
    throw new LabError({
      code: 'LAB_GUEST_CLOCK',
      blame: 'guest',
      message: `the guest's clock says ${guestNow}, and the host's ${now.toISOString()}: ${Math.round(differenceMs / DAY_MS)} days between`,
      next: "set the host's clock right, and its time zone, then install again",
    });
  }
  if (status === NOTIFICATION) {
    throw new LabError({
      code: 'LAB_WINDOWS_EXPIRED',
      blame: 'usage',
      message:
        'Windows is installed, and says that its evaluation or licence has ended (LicenseStatus 5); it says the same ' +
        'of an evaluation that has to be activated over the Internet first, to which a guest has no way',
      next: "take a newer evaluation medium, or one of your licence ('slmgr /dlv' in the guest tells the reason)",
    });
  }
  const left = Number(minutes ?? 0);
  return left > 0 ? new Date(now.getTime() + left * 60_000).toISOString() : undefined;
}

function noFacts(message: string): LabError {
  return new LabError({
    ...{ code: 'LAB_GUEST_FACTS', blame: 'guest', message },
    next: 'try the command in the guest by hand: npm run lab -- shell --guest NAME --cold',
  });
}
