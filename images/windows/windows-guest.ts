/** Windows as an installed guest: what is checked of a medium, and what such a guest has. */
import { access, constants, stat } from 'node:fs/promises';
import { LabError } from '../../lab/errors.ts';
import type { InstalledRecipe, MediumOptions } from '../../lab/image/image-recipe.ts';
import { readWindowsIso, type WindowsIso } from '../../lab/image/windows-iso.ts';
import type { WimImage } from '../../lab/image/wim.ts';
import { HYPERV_CPU } from '../../lab/machine/cpu.ts';
import { isRoot } from '../../lab/machine/launch.ts';
import { windowsPatience } from './installation.ts';
import { installedGuest, type OpenedMedium } from './installed-guest.ts';
import { readOpenSsh } from './openssh-zip.ts';
import { WINDOWS_VERSIONS, type WindowsName, type WindowsVersion } from './windows-version.ts';

const DISK_GIB = 64;
/** What Microsoft asks for servers and Windows 10. */
const LEAST_DISK_GIB = 32;
/** What an installation writes, with room for its page file and what Setup unpacks. */
const NEEDED_MIB = 24 * 1024;
const MEDIA = ['windows-server-2022', 'windows-server-2025', 'windows-10-22h2', 'windows-11-24h2'];

export function windowsGuest(name: WindowsName): InstalledRecipe {
  const version = WINDOWS_VERSIONS[name];
  return installedGuest({
    version,
    openMedium: (given) => openMedium(version, given),
    guest: {
      capabilities: [],
      // Windows 11 24H2 and Server 2025 do not start without SSE4.2 and POPCNT.
      cpu: HYPERV_CPU,
      ...{ cores: 2, memoryMiB: 4096, bootTimeoutMs: { kvm: 300_000, tcg: 3_600_000 } },
    },
    diskGiB: DISK_GIB,
    leastDiskGiB: LEAST_DISK_GIB,
    neededMiB: NEEDED_MIB,
    patience: windowsPatience,
    hasLicence: true,
    // Nobody has measured either.
    takes: { kvm: 'some 20 to 40 minutes', tcg: 'some 5 to 10 hours' },
  });
}

async function openMedium(version: WindowsVersion, given: MediumOptions): Promise<OpenedMedium> {
  const { iso: path } = given;
  if (path === undefined) throw noMedium(version);
  const iso = await readWindowsIso(path);
  await requireReadable(path);
  requireVersion(version, iso);
  requireClock(iso);
  const openSsh = await readOpenSsh({
    iso: path,
    ...(given.openSsh !== undefined && { given: given.openSsh }),
  });
  const { answerFile } = iso;
  return {
    ...{ iso, openSsh },
    notes:
      answerFile === undefined
        ? []
        : [
            `'${path}' has an answer file of its own, ${answerFile}, which Setup may take instead of the lab's`,
          ],
  };
}

function noMedium({ name }: WindowsVersion): LabError {
  return new LabError({
    code: 'LAB_MEDIUM_NEEDED',
    blame: 'usage',
    message: `image '${name}' is installed from an ISO, and none was given`,
    next: `npm run lab -- image build ${name} --iso FILE`,
  });
}

/** QEMU reads it without any right of the lab's own. */
async function requireReadable(path: string): Promise<void> {
  await access(path, constants.R_OK);
  if (!isRoot || ((await stat(path)).mode & 0o004) !== 0) return;
  throw new LabError({
    code: 'LAB_ISO_READ',
    blame: 'usage',
    message: `QEMU, which runs as nobody, may not read '${path}'`,
    next: `chmod o+r '${path}'`,
  });
}

/** A mistake that would show hours later, or never. */
function requireVersion(version: WindowsVersion, { path, editions }: WindowsIso): void {
  const isRight = ({ build, editionId }: WimImage) =>
    version.builds.includes(build) && isServer(editionId) === (version.kind === 'server');
  if (editions.some(isRight)) return;
  const { name: found, build, editionId } = editions[0]!;
  const other = Object.values(WINDOWS_VERSIONS).find(
    (each) => each.builds.includes(build) && (each.kind === 'server') === isServer(editionId),
  );
  throw new LabError({
    code: 'LAB_ISO_VERSION',
    blame: 'usage',
    message: `'${path}' installs '${found}', build ${build}, and ${version.name} is build ${version.builds[0]}`,
    next: other
      ? `npm run lab -- image build ${other.name} --iso '${path}'`
      : `take the medium of one of ${MEDIA.join(', ')}`,
  });
}

const isServer = (editionId: string): boolean => editionId.startsWith('Server');

/** A medium from the future says that the host's clock is wrong, and the guest gets its time from there. */
function requireClock({ path, editions }: WindowsIso, now = new Date()): void {
  const newest =
    editions
      .map(({ createdAt }) => createdAt ?? '')
      .sort()
      .at(-1) ?? '';
  if (newest === '' || new Date(newest) <= now) return;
  throw new LabError({
    code: 'LAB_HOST_CLOCK',
    blame: 'host',
    message: `the host's clock says ${now.toISOString()}, and '${path}' was made on ${newest}`,
    next: "set the host's clock: certificates and evaluations depend on it",
  });
}
