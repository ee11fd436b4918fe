/**
 * The recipe of a guest that is installed from a medium with the lab's answer file and steps: Windows, and what stands
 * in for it. What differs between such guests is data here, and goes into the image.
 */
import { join } from 'node:path';
import { LabError } from '../../lab/errors.ts';
import { projectRoot } from '../../lab/project.ts';
import type { ImageInputs, InstalledRecipe, MediumOptions } from '../../lab/image/image-recipe.ts';
import { chooseEdition, requireX64, type WindowsIso } from '../../lab/image/windows-iso.ts';
import type { WimImage } from '../../lab/image/wim.ts';
import { chooseAccelerator, type AcceleratorChoice } from '../../lab/machine/accelerator.ts';
import type { AcceleratorName } from '../../lab/machine/qemu-arguments.ts';
import { FIRST_START, InstalledBuild } from './installed-build.ts';
import { readFacts, readGuest, type GuestData } from './installed-image.ts';
import { STAGES, type Patience } from './installation.ts';
import type { WindowsVersion } from './windows-version.ts';

export interface OpenedMedium {
  iso: WindowsIso;
  /** The zip for the configuration medium. */
  openSsh: Uint8Array;
  /** What a person should know of it. */
  notes: string[];
}

export interface InstalledGuest {
  version: WindowsVersion;
  /** The lab's own files that the medium takes, beside those of the configuration medium: names and what they are. */
  mediumInputs?: Readonly<Record<string, string>>;
  /** Looks into what a person gave; `inputs` has `mediumInputs`. */
  openMedium(given: MediumOptions, inputs: ImageInputs): Promise<OpenedMedium>;
  guest: Omit<GuestData, 'user'>;
  diskGiB: number;
  /** With less, Setup or what comes after it would stop. */
  leastDiskGiB: number;
  /** Of which so much is written at most until it is sealed. */
  neededMiB: number;
  patience(accelerator: AcceleratorName): Patience;
  /** Asked at the first start: whether and when the licence ends. None: there is nothing to end. */
  hasLicence: boolean;
  /** In words, for who waits. */
  takes: Record<AcceleratorName, string>;
}

/** On the configuration medium, in \lab\files. */
const OWN_INPUTS = {
  'agent.exe': "the lab's agent",
  'certificate.pem': 'the certificate that drivers are signed with',
};

export function installedGuest(guest: InstalledGuest): InstalledRecipe {
  const { name } = guest.version;
  return {
    name,
    labInputs: { ...OWN_INPUTS, ...guest.mediumInputs },
    guest: (folder) => readGuest(name, folder),
    async open(given, labInputs) {
      const medium = await guest.openMedium(given, labInputs);
      const edition = editionOf(medium.iso, given.edition);
      requireDisk(guest, given.diskGiB);
      const accelerator = await chooseAccelerator({ cpu: guest.guest.cpu, place: 'user' });
      const build = new InstalledBuild(guest, {
        medium,
        edition,
        accelerator,
        diskGiB: given.diskGiB ?? guest.diskGiB,
      });
      return {
        notes: [...medium.notes, ...slowNote(guest, accelerator)],
        inputs: { 'medium.iso': medium.iso.path },
        recipe: {
          name,
          base: {
            sources: [join(projectRoot, 'images', 'windows', 'provision')],
            inputs: { 'medium.iso': 'the medium to install from', ...OWN_INPUTS },
            words: await build.words(),
            stages: [...STAGES, FIRST_START],
            neededMiB: guest.neededMiB,
            isResumable: true,
            build: (context) => build.base(context),
          },
          layer: {
            ...{ sources: [], inputs: {}, stages: ['files'], neededMiB: 16 },
            build: (context) => build.layer(context),
          },
          facts: readFacts,
          guest: (folder) => readGuest(name, folder),
        },
      };
    },
  };
}

/** Without --edition the first one that the lab can make a guest of. */
function editionOf(iso: WindowsIso, wanted: string | undefined): WimImage {
  requireX64(iso);
  const first = iso.editions.find(({ architecture }) => architecture === 'x64')!;
  return chooseEdition(iso, wanted ?? String(first.index));
}

function requireDisk({ version, leastDiskGiB }: InstalledGuest, wanted: number | undefined): void {
  if (wanted === undefined || wanted >= leastDiskGiB) return;
  throw new LabError({
    code: 'LAB_DISK_SIZE',
    blame: 'usage',
    message: `a disk of ${wanted} GiB is too small for ${version.name}, which takes ${leastDiskGiB} GiB`,
    next: `--disk-size ${leastDiskGiB}; only what is written costs space on the host`,
  });
}

function slowNote({ takes }: InstalledGuest, { accelerator, reason }: AcceleratorChoice): string[] {
  if (accelerator === 'kvm') return [];
  return [`the installation takes ${takes.tcg} here, and ${takes.kvm} with KVM: ${reason}`];
}
