/**
 * From typed settings to QEMU's command line. QEMU gets every file and every channel as an inherited descriptor: it
 * then needs no right to reach a folder (it runs as another user), no socket has a name that another process could
 * open, and no path can be too long for a socket address.
 */

export type AcceleratorName = 'kvm' | 'tcg';

export interface DiskSettings {
  file: string;
  format: 'raw' | 'qcow2';
  /** 'discard': into a fresh overlay, gone with the machine; 'keep': into the file; 'refuse': read-only. */
  writes: 'discard' | 'keep' | 'refuse';
}

export type BootSettings =
  | { kind: 'kernel'; kernel: string; initrd?: string; append: string }
  /** `variables` is this machine's own copy of the firmware's variables, qcow2. */
  | { kind: 'uefi'; code: string; variables: string }
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
  boot: BootSettings;
  disks?: DiskSettings[];
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
}

const FIRST_DESCRIPTOR = 3;

/** The descriptors' paths as QEMU sees them, for putting the real ones into its messages. */
export function descriptorPath(index: number): string {
  return `/proc/self/fd/${FIRST_DESCRIPTOR + index}`;
}

/** `overlays[i]` is the overlay of `settings.disks[i]` where its writes are discarded. */
export function qemuArguments(
  settings: MachineSettings,
  overlays: (string | undefined)[] = [],
): QemuArguments {
  const inherited: Inherited[] = [];
  const inherit = (entry: Inherited) => inherited.push(entry) - 1;
  const file = (path: string, flags: 'r' | 'r+' | 'w') =>
    descriptorPath(inherit({ kind: 'file', path, flags }));
  const channel = (name: Channel) => {
    const fd = FIRST_DESCRIPTOR + inherit({ kind: 'channel', channel: name });
    return ['-chardev', `socket,id=${name},fd=${fd}`];
  };
  const argv = [
    ...[settings.qemu ?? 'qemu-system-x86_64', '-nodefaults', '-no-user-config', '-display', 'none'],
    ...['-sandbox', 'on,obsolete=deny,elevateprivileges=deny,spawn=deny,resourcecontrol=deny'],
    ...['-machine', 'q35,smm=off,vmport=off', '-accel', accelerator(settings), '-cpu', settings.cpu],
    ...['-smp', `${settings.cores}`, '-m', `${settings.memoryMiB}`, '-rtc', 'base=utc'],
    // A panic stops the machine with its memory in place, so that the trace ring can be read.
    ...[
      '-action',
      `panic=pause,reboot=${settings.onReboot === 'exit' ? 'shutdown' : 'reset'}`,
      '-device',
      'pvpanic',
    ],
    ...[...channel('qmp'), '-mon', 'chardev=qmp,mode=control'],
    ...[...channel('console'), '-serial', 'chardev:console'],
    ...[...channel('agent'), ...agentDevice(settings.devices)],
  ];
  argv.push(...bootArguments(settings.boot, file));
  settings.disks?.forEach((disk, index) =>
    argv.push(...diskArguments(disk, index, overlays[index], settings, file)),
  );
  if (settings.network) argv.push(...networkArguments(settings.network, settings.devices, file));
  if (settings.devices === 'virtio')
    argv.push('-object', 'rng-builtin,id=rng0', '-device', 'virtio-rng-pci,rng=rng0');
  else argv.push('-device', 'VGA', '-device', 'qemu-xhci', '-device', 'usb-tablet');
  return { argv: [...argv, ...(settings.extra ?? [])], inherited };
}

type InheritFile = (path: string, flags: 'r' | 'r+' | 'w') => string;

function accelerator(settings: MachineSettings): string {
  return settings.accelerator === 'tcg' ? 'tcg,thread=multi' : 'kvm';
}

function agentDevice(devices: MachineSettings['devices']): string[] {
  if (devices === 'baseline') return ['-serial', 'chardev:agent'];
  return ['-device', 'virtio-serial-pci', '-device', 'virtserialport,chardev=agent,name=org.wsklab.agent'];
}

function bootArguments(boot: BootSettings, file: InheritFile): string[] {
  if (boot.kind === 'firmware') return ['-bios', file(boot.file, 'r')];
  if (boot.kind === 'uefi')
    return [
      ...['-drive', `if=pflash,format=raw,unit=0,readonly=on,file=${file(boot.code, 'r')}`],
      ...['-drive', `if=pflash,format=qcow2,unit=1,file=${file(boot.variables, 'r+')}`],
    ];
  const kernel = ['-kernel', file(boot.kernel, 'r'), '-append', boot.append];
  return boot.initrd === undefined ? kernel : [...kernel, '-initrd', file(boot.initrd, 'r')];
}

function diskArguments(
  disk: DiskSettings,
  index: number,
  overlay: string | undefined,
  settings: MachineSettings,
  file: InheritFile,
): string[] {
  const writable = disk.writes === 'keep';
  const node = (name: string, format: string, path: string, flags: 'r' | 'r+', more: object) => [
    '-blockdev',
    JSON.stringify({
      driver: format,
      'node-name': name,
      'read-only': flags === 'r',
      file: { driver: 'file', filename: file(path, flags) },
      ...more,
    }),
  ];
  const base = overlay === undefined ? `disk${index}` : `base${index}`;
  const device =
    settings.devices === 'virtio'
      ? `virtio-blk-pci,drive=disk${index}`
      : `ide-hd,drive=disk${index},bus=ide.${index}`;
  return [
    ...node(base, disk.format, disk.file, writable ? 'r+' : 'r', {}),
    // Nobody reads the overlay after the machine's end: a flush would only cost time.
    ...(overlay === undefined
      ? []
      : node(`disk${index}`, 'qcow2', overlay, 'r+', { backing: base, cache: { 'no-flush': true } })),
    ...['-device', settings.boot.kind === 'uefi' && index === 0 ? `${device},bootindex=0` : device],
  ];
}

function networkArguments(
  { netdev, mac, capture }: NonNullable<MachineSettings['network']>,
  devices: MachineSettings['devices'],
  file: InheritFile,
): string[] {
  const backend =
    netdev.kind === 'tap'
      ? `tap,id=net0,ifname=${netdev.interface},script=no,downscript=no`
      : // Nothing leaves: connections come in by hostfwd only.
        'user,id=net0,restrict=on,ipv6=off';
  return [
    ...['-netdev', backend],
    ...['-device', `${devices === 'virtio' ? 'virtio-net-pci' : 'e1000e'},netdev=net0,mac=${mac},romfile=`],
    ...(capture === undefined
      ? []
      : ['-object', `filter-dump,id=capture,netdev=net0,file=${file(capture, 'w')}`]),
  ];
}
