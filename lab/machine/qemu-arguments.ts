/**
 * From typed settings to QEMU's command line. QEMU gets every file and every channel as an inherited descriptor: it
 * then needs no right to reach a folder (it runs as another user), no socket has a name that another process could
 * open, and no path can be too long for a socket address.
 */
import { clockArguments } from './cpu.ts';

export type AcceleratorName = 'kvm' | 'tcg';

export interface DiskSettings {
  file: string;
  format: 'raw' | 'qcow2';
  /** Default: 'disk'. */
  media?: 'disk' | 'cdrom';
  /** 'discard': into a fresh overlay, gone with the machine; 'keep': into the file; 'refuse': read-only. */
  writes: 'discard' | 'keep' | 'refuse';
  /** The file under `file`, where that is an overlay itself. */
  base?: { file: string; format: 'raw' | 'qcow2' };
}

/** A machine's state moves through a file: all of it but the RAM, which is in `memory`. See migration.ts. */
export type MigrationSettings =
  /** QEMU connects to a socket in this folder, which has to be its user's. */
  | { kind: 'save'; folder: string }
  /** QEMU waits, and takes the state from this file when told to. */
  | { kind: 'restore'; file: string };

export type BootSettings =
  | { kind: 'kernel'; kernel: string; initrd?: string; append: string }
  | { kind: 'uefi'; code: string }
  /** A flat firmware image, a multiple of 64 KiB. */
  | { kind: 'firmware'; file: string };

export type NetdevSettings = { kind: 'tap'; interface: string } | { kind: 'user' };

export interface MachineSettings {
  /** Path or name of the program. */
  qemu?: string;
  accelerator: AcceleratorName;
  cpu: string;
  cores: number;
  memoryMiB: number;
  /**
   * The file that the guest's RAM is in, of just that size; none: RAM of QEMU's own. 'keep': what the guest writes goes
   * into the file; 'discard': into pages of this machine's.
   */
  memory?: { file: string; writes: 'keep' | 'discard' };
  migration?: MigrationSettings;
  boot: BootSettings;
  disks?: DiskSettings[];
  /** What a UEFI firmware remembers: the systems that it can boot, among others. */
  variables?: DiskSettings;
  network?: {
    netdev: NetdevSettings;
    mac: string;
    /** pcap of all frames at the guest's NIC. */ capture?: string;
  };
  /**
   * 'virtio' for Linux; 'baseline' for what Windows drives out of the box (AHCI, e1000e, a second serial port
   * for the agent, a display, a tablet).
   */
  devices: 'virtio' | 'baseline';
  /** A restart asked for by the guest ends the machine, or happens. */
  onReboot: 'exit' | 'reset';
  /** Further arguments, for what a single user of a machine needs. */
  extra?: string[];
}

export type Channel = 'qmp' | 'console' | 'agent';

/** What QEMU inherits, in order, as descriptors 3, 4, 5... */
export type Inherited =
  { kind: 'channel'; channel: Channel } | { kind: 'file'; path: string; flags: 'r' | 'r+' | 'w' };

export interface QemuArguments {
  argv: string[];
  inherited: Inherited[];
  /** The address through which QEMU saves or restores its state, for QMP. */
  migrationUri: string | undefined;
}

const FIRST_DESCRIPTOR = 3;
/** The socket's name in the folder through which the state is saved. */
export const STATE_SOCKET = 'state.sock';

/** The descriptors' paths as QEMU sees them, for putting the real ones into its messages. */
export function descriptorPath(index: number): string {
  return `/proc/self/fd/${FIRST_DESCRIPTOR + index}`;
}

/** Its disks, and then the firmware's variables. */
export function blockDevices({ disks = [], variables }: MachineSettings): DiskSettings[] {
  return variables ? [...disks, variables] : disks;
}

/** `overlays[i]` is the overlay of `blockDevices(settings)[i]` where its writes are discarded. */
export function qemuArguments(
  settings: MachineSettings,
  overlays: (string | undefined)[] = [],
): QemuArguments {
  const inherited = new InheritedDescriptors();
  const argv = [
    ...[settings.qemu ?? 'qemu-system-x86_64', '-nodefaults', '-no-user-config', '-display', 'none'],
    ...['-sandbox', 'on,obsolete=deny,elevateprivileges=deny,spawn=deny,resourcecontrol=deny'],
    ...[
      '-machine',
      ['q35', 'smm=off', 'vmport=off', ...machineParts(settings)].join(),
      '-accel',
      settings.accelerator === 'tcg' ? 'tcg,thread=multi' : 'kvm',
    ],
    ...['-cpu', settings.cpu, '-smp', `${settings.cores}`, '-m', `${settings.memoryMiB}`],
    ...clockArguments(settings.accelerator, settings.devices === 'baseline' ? 'catch-up' : 'plain'),
    ...(settings.memory ? memoryBackend(settings.memory, settings.memoryMiB, inherited) : []),
    // Tells Windows that it has become another machine, when it has: it then reseeds its random numbers.
    ...['-device', 'vmgenid,guid=auto'],
    // A panic stops the machine with its memory in place, so that the trace ring can be read.
    ...[
      '-action',
      `panic=pause,reboot=${settings.onReboot === 'exit' ? 'shutdown' : 'reset'}`,
      '-device',
      'pvpanic',
    ],
    ...[...inherited.channel('qmp'), '-mon', 'chardev=qmp,mode=control'],
    ...[...inherited.channel('console'), '-serial', 'chardev:console'],
    ...[...inherited.channel('agent'), ...agentDevice(settings.devices)],
    ...bootArguments(settings.boot, inherited),
  ];
  settings.disks?.forEach((disk, index) => {
    const node = { name: `disk${index}`, overlay: overlays[index] };
    argv.push(...blockNodes(disk, node, inherited), ...diskDevice(settings, disk, index));
  });
  if (settings.variables) {
    const node = { name: 'variables', overlay: overlays[settings.disks?.length ?? 0] };
    argv.push(...blockNodes(settings.variables, node, inherited));
  }
  if (settings.network) argv.push(...networkArguments(settings.network, settings.devices, inherited));
  argv.push(...otherDevices(settings.devices), ...(settings.extra ?? []));
  const migrationUri = settings.migration && migrationAddress(settings.migration, inherited);
  if (settings.migration?.kind === 'restore') argv.push('-incoming', 'defer');
  return { argv, inherited: inherited.entries, migrationUri };
}

function memoryBackend(
  { file, writes }: NonNullable<MachineSettings['memory']>,
  memoryMiB: number,
  inherited: InheritedDescriptors,
): string[] {
  // QEMU 7.2 opens the file for writing even where it maps it privately: its `readonly` would make RAM read-only.
  const path = inherited.file(file, 'r+');
  const share = writes === 'keep' ? 'on' : 'off';
  return ['-object', `memory-backend-file,id=ram,size=${memoryMiB}M,mem-path=${path},share=${share}`];
}

/** QEMU 7.2 takes a descriptor's number for coming in only; going out it wants a named one, which QMP cannot carry here. */
function migrationAddress(migration: MigrationSettings, inherited: InheritedDescriptors): string {
  if (migration.kind === 'save') return `unix:${inherited.file(migration.folder, 'r')}/${STATE_SOCKET}`;
  return `fd:${inherited.file(migration.file, 'r').split('/').at(-1)}`;
}

class InheritedDescriptors {
  readonly entries: Inherited[] = [];

  /** The path under which QEMU opens the file. */
  file(path: string, flags: 'r' | 'r+' | 'w'): string {
    return descriptorPath(this.entries.push({ kind: 'file', path, flags }) - 1);
  }

  channel(channel: Channel): string[] {
    const index = this.entries.push({ kind: 'channel', channel }) - 1;
    return ['-chardev', `socket,id=${channel},fd=${FIRST_DESCRIPTOR + index}`];
  }
}

function agentDevice(devices: MachineSettings['devices']): string[] {
  if (devices === 'baseline') return ['-serial', 'chardev:agent'];
  return ['-device', 'virtio-serial-pci', '-device', 'virtserialport,chardev=agent,name=org.wsklab.agent'];
}

/** The nodes that RAM and firmware are in. */
function machineParts({ memory, boot, variables }: MachineSettings): string[] {
  return [
    ...(memory ? ['memory-backend=ram'] : []),
    ...(boot.kind === 'uefi' ? ['pflash0=firmware'] : []),
    ...(variables ? ['pflash1=variables'] : []),
  ];
}

function bootArguments(boot: BootSettings, inherited: InheritedDescriptors): string[] {
  switch (boot.kind) {
    case 'firmware':
      return ['-bios', inherited.file(boot.file, 'r')];
    case 'uefi':
      return blockNode(
        { driver: 'raw', 'node-name': 'firmware', 'read-only': true },
        inherited.file(boot.code, 'r'),
      );
    case 'kernel': {
      const kernel = ['-kernel', inherited.file(boot.kernel, 'r'), '-append', boot.append];
      return boot.initrd === undefined ? kernel : [...kernel, '-initrd', inherited.file(boot.initrd, 'r')];
    }
  }
}

/** The node `name`: the file itself, or an overlay over it; below it what each is an overlay of. */
function blockNodes(
  { file, format, writes, base }: DiskSettings,
  { name, overlay }: { name: string; overlay: string | undefined },
  inherited: InheritedDescriptors,
): string[] {
  const layers: Layer[] = [];
  if (base) layers.push({ ...base, flags: 'r' });
  layers.push({ file, format, flags: overlay === undefined && writes === 'keep' ? 'r+' : 'r' });
  if (overlay !== undefined) layers.push({ file: overlay, format: 'qcow2', flags: 'r+' });
  return layers.flatMap((layer, depth) => {
    const isTop = depth === layers.length - 1;
    const node = {
      driver: layer.format,
      'node-name': isTop ? name : `${name}-base${depth}`,
      'read-only': layer.flags === 'r',
      ...(depth > 0 && { backing: `${name}-base${depth - 1}` }),
      // Nobody reads the overlay after the machine's end: a flush would only cost time.
      ...(isTop && overlay !== undefined && { cache: { 'no-flush': true } }),
    };
    return blockNode(node, inherited.file(layer.file, layer.flags));
  });
}

interface Layer {
  file: string;
  format: 'raw' | 'qcow2';
  flags: 'r' | 'r+';
}

function blockNode(options: object, path: string): string[] {
  return ['-blockdev', JSON.stringify({ ...options, file: { driver: 'file', filename: path } })];
}

/** Firmware boots from them in their order. */
function diskDevice({ devices, boot }: MachineSettings, { media }: DiskSettings, index: number): string[] {
  const device =
    devices === 'virtio'
      ? `virtio-blk-pci,drive=disk${index}`
      : `ide-${media === 'cdrom' ? 'cd' : 'hd'},drive=disk${index},bus=ide.${index}`;
  return ['-device', boot.kind === 'uefi' ? `${device},bootindex=${index}` : device];
}

function networkArguments(
  { netdev, mac, capture }: NonNullable<MachineSettings['network']>,
  devices: MachineSettings['devices'],
  inherited: InheritedDescriptors,
): string[] {
  const backend =
    netdev.kind === 'tap'
      ? // QEMU 7.2: with it, filter-dump writes a virtio-net header in front of every frame.
        `tap,id=net0,ifname=${netdev.interface},script=no,downscript=no,vnet_hdr=off`
      : // Nothing leaves: connections come in by hostfwd only.
        'user,id=net0,restrict=on,ipv6=off';
  const device = `${devices === 'virtio' ? 'virtio-net-pci' : 'e1000e'},netdev=net0,mac=${mac},romfile=`;
  const dump = (path: string) => `filter-dump,id=capture,netdev=net0,file=${inherited.file(path, 'w')}`;
  return [
    '-netdev',
    backend,
    '-device',
    device,
    ...(capture === undefined ? [] : ['-object', dump(capture)]),
  ];
}

function otherDevices(devices: MachineSettings['devices']): string[] {
  if (devices === 'baseline') {
    // Windows would put itself to sleep, and nobody would wake it.
    const awake = ['disable_s3', 'disable_s4'].flatMap((name) => ['-global', `ICH9-LPC.${name}=1`]);
    return ['-device', 'VGA', '-device', 'qemu-xhci', '-device', 'usb-tablet', ...awake];
  }
  return ['-object', 'rng-builtin,id=rng0', '-device', 'virtio-rng-pci,rng=rng0'];
}
