/**
 * The stand-in for Windows: a guest that is installed from a medium of the lab's own by the same way, so that every part
 * of an installation is exercised where there is no Windows medium.
 */
import { readWindowsIso } from '../../lab/image/windows-iso.ts';
import { installedGuest } from '../windows/installed-guest.ts';
import { STAGES, type Patience } from '../windows/installation.ts';
import { WINDOWS_VERSIONS } from '../windows/windows-version.ts';
import { makeStandInMedium, STAND_IN_INPUTS } from './medium.ts';

/** On a busy host without KVM. */
const STAGE_MS = 180_000;

export const recipe = installedGuest({
  version: { ...WINDOWS_VERSIONS['windows-server-2022'], name: 'stand-in' },
  mediumInputs: STAND_IN_INPUTS,
  async openMedium({ iso: given }, inputs) {
    const { iso, openSsh } = await makeStandInMedium({ inputs });
    return { iso: await readWindowsIso(given ?? iso), openSsh, notes: [] };
  },
  guest: {
    capabilities: ['ntsup'],
    // As the reference guest, whose parts it is made of. Without a virtio device for random numbers, RDRAND saves seconds.
    cpu: { kvm: 'host', tcg: 'Nehalem,+rdrand' },
    ...{ cores: 1, memoryMiB: 768, bootTimeoutMs: { kvm: 60_000, tcg: 180_000 } },
  },
  diskGiB: 2,
  leastDiskGiB: 2,
  neededMiB: 1500,
  patience: () => Object.fromEntries(STAGES.map((stage) => [stage, STAGE_MS])) as unknown as Patience,
  hasLicence: false,
  takes: { kvm: 'half a minute', tcg: 'a minute or two' },
});
