/** From an image to the settings of its machine: the same for a guest that boots, a template and its clones. */
import { join } from 'node:path';
import type { AcceleratorChoice } from '../machine/accelerator.ts';
import type { BootSettings, MachineSettings } from '../machine/qemu-arguments.ts';
import { GUEST_MAC, type GuestNetwork } from '../network/guest-network.ts';
import type { GuestImage } from './guest-image.ts';

export interface MachinePlace {
  accelerator: Pick<AcceleratorChoice, 'accelerator' | 'cpu'>;
  network: Pick<GuestNetwork, 'kind' | 'netdev'>;
  /** Folder for wire.pcap, every frame at the guest's NIC; none: no capture. */
  capture?: string;
}

export function guestMachine(
  image: GuestImage,
  { accelerator: { accelerator, cpu }, network, capture }: MachinePlace,
): MachineSettings {
  return {
    ...{ accelerator, cpu, cores: image.cores, memoryMiB: image.memoryMiB },
    ...{ devices: image.devices, onReboot: image.onReboot },
    boot: withNetworkArgument(image.boot, network.kind),
    disks: image.disks.map((disk) => ({ ...disk, writes: 'discard' as const })),
    ...(image.variables && { variables: { ...image.variables, writes: 'discard' as const } }),
    network: {
      ...{ netdev: network.netdev, mac: GUEST_MAC },
      ...(capture !== undefined && { capture: join(capture, 'wire.pcap') }),
    },
  };
}

/** The guest is told on its command line which addresses to take. */
function withNetworkArgument(boot: BootSettings, kind: GuestNetwork['kind']): BootSettings {
  return boot.kind === 'kernel' ? { ...boot, append: `${boot.append} wsklab.net=${kind}` } : boot;
}
