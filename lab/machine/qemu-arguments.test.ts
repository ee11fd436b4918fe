import assert from 'node:assert/strict';
import { qemuArguments, type MachineSettings } from './qemu-arguments.ts';

const SETTINGS: MachineSettings = {
  accelerator: 'tcg',
  cpu: 'Nehalem',
  cores: 2,
  memoryMiB: 512,
  devices: 'virtio',
  onReboot: 'exit',
  boot: { kind: 'kernel', kernel: '/i/vmlinuz', initrd: '/i/initrd', append: 'console=ttyS0' },
  disks: [{ file: '/i/disk.ext4', format: 'raw', writes: 'discard' }],
  network: {
    netdev: { kind: 'tap', interface: 'tap0' },
    mac: '52:54:00:77:00:02',
    capture: '/run/wire.pcap',
  },
};

interface BlockNode {
  'node-name': string;
  driver: string;
  'read-only'?: boolean;
  backing?: string;
}

function blockNode(argv: string[], nth: number): BlockNode {
  return JSON.parse(valueOf(argv, '-blockdev', nth)!) as BlockNode;
}

function valueOf(argv: string[], option: string, nth = 0): string | undefined {
  const positions = argv.flatMap((argument, index) => (argument === option ? [index] : []));
  return argv[positions[nth]! + 1];
}

describe('qemuArguments', () => {
  it('denies everything in the sandbox, and reads no configuration of the host', () => {
    const { argv } = qemuArguments(SETTINGS, ['/m/disk0.qcow2']);
    assert.equal(
      valueOf(argv, '-sandbox'),
      'on,obsolete=deny,elevateprivileges=deny,spawn=deny,resourcecontrol=deny',
    );
    for (const option of ['-nodefaults', '-no-user-config']) assert.ok(argv.includes(option), option);
    assert.equal(valueOf(argv, '-display'), 'none');
  });

  it('names no file and no socket of the host: all are inherited', () => {
    const { argv, inherited } = qemuArguments(SETTINGS, ['/m/disk0.qcow2']);
    assert.deepEqual(
      argv.slice(1).filter((argument) => /\/(i|m|run)\//.test(argument)),
      [],
    );
    assert.deepEqual(inherited, [
      { kind: 'channel', channel: 'qmp' },
      { kind: 'channel', channel: 'console' },
      { kind: 'channel', channel: 'agent' },
      { kind: 'file', path: '/i/vmlinuz', flags: 'r' },
      { kind: 'file', path: '/i/initrd', flags: 'r' },
      { kind: 'file', path: '/i/disk.ext4', flags: 'r' },
      { kind: 'file', path: '/m/disk0.qcow2', flags: 'r+' },
      { kind: 'file', path: '/run/wire.pcap', flags: 'w' },
    ]);
    assert.equal(valueOf(argv, '-chardev', 2), 'socket,id=agent,fd=5');
    assert.equal(valueOf(argv, '-kernel'), '/proc/self/fd/6');
    assert.equal(valueOf(argv, '-object'), 'filter-dump,id=capture,netdev=net0,file=/proc/self/fd/10');
  });

  it('puts the overlay over a disk that it opens for reading only', () => {
    const { argv } = qemuArguments(SETTINGS, ['/m/disk0.qcow2']);
    const base = blockNode(argv, 0);
    const overlay = blockNode(argv, 1);
    assert.deepEqual([base['node-name'], base.driver, base['read-only']], ['disk0-base0', 'raw', true]);
    assert.deepEqual(
      [overlay['node-name'], overlay.driver, overlay.backing],
      ['disk0', 'qcow2', 'disk0-base0'],
    );
    assert.ok(argv.includes('virtio-blk-pci,drive=disk0'));
  });

  it('opens a disk for writing only when its writes are to be kept', () => {
    for (const [writes, flags, readOnly] of [
      ['keep', 'r+', false],
      ['refuse', 'r', true],
    ] as const) {
      const { argv, inherited } = qemuArguments({
        ...SETTINGS,
        disks: [{ file: '/i/d', format: 'qcow2', writes }],
      });
      assert.deepEqual(
        inherited.find((entry) => entry.kind === 'file' && entry.path === '/i/d'),
        { kind: 'file', path: '/i/d', flags },
      );
      assert.equal(blockNode(argv, 0)['read-only'], readOnly);
    }
  });

  it('lets nothing out of a user-mode network', () => {
    const { argv } = qemuArguments({ ...SETTINGS, network: { netdev: { kind: 'user' }, mac: 'm' } });
    assert.equal(valueOf(argv, '-netdev'), 'user,id=net0,restrict=on,ipv6=off');
  });

  it('gives a guest without drivers of its own the devices that Windows knows', () => {
    const { argv } = qemuArguments({
      ...SETTINGS,
      devices: 'baseline',
      boot: { kind: 'uefi', code: '/o/code.fd' },
    });
    const all = argv.join(' ');
    for (const device of [
      'ide-hd,drive=disk0,bus=ide.0,bootindex=0',
      'e1000e,netdev=net0',
      'usb-tablet',
      '-serial chardev:agent',
    ])
      assert.ok(all.includes(device), device);
    assert.ok(!all.includes('virtio'));
  });
});
