/** What the lab has to know of an image in order to boot it. Image folders make such values (lab/image). */
import type {
  AcceleratorName,
  BootSettings,
  DiskSettings,
  MachineSettings,
} from '../machine/qemu-arguments.ts';
import type { CpuModels } from '../machine/cpu.ts';
import type { SshSettings } from './ssh.ts';

/**
 * What a guest can do beyond ssh, SFTP, sc.exe and the agent: 'bcdedit', 'verifier', 'crash-dump', 'ntsup'... Code asks
 * for these and never for a guest's name.
 */
export type GuestCapability = string;

export interface GuestImage {
  name: string;
  capabilities: readonly GuestCapability[];
  devices: MachineSettings['devices'];
  /** `-cpu` for each accelerator; of several the first that this host can run. */
  cpu: CpuModels;
  cores: number;
  memoryMiB: number;
  /** A kernel's command line gets ` wsklab.net=tap` or ` wsklab.net=user` appended. */
  boot: BootSettings;
  /** The first one is booted from. Their files stay as they are: a machine writes to an overlay of its own. */
  disks: readonly Pick<DiskSettings, 'file' | 'format'>[];
  /** For a UEFI firmware; stays as it is, like a disk. */
  variables?: Pick<DiskSettings, 'file' | 'format'>;
  ssh: SshSettings;
  onReboot: MachineSettings['onReboot'];
  /** From the machine's start until ssh and agent answer, on a busy host. */
  bootTimeoutMs: Record<AcceleratorName, number>;
}
