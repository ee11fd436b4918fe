/**
 * The reference guest: Debian 12 with Wine 8, which loads the same .sys files as Windows. Base: kernel, Debian and
 * the Wine prefix on a disk. Layer: what is the lab's own, in an archive behind the base's initrd, which the
 * guest's first process copies onto the disk.
 */
import { X509Certificate } from 'node:crypto';
import { link, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { GuestImage } from '../../lab/guest/guest-image.ts';
import { makeSshKeyPair } from '../../lab/guest/ssh-key-pair.ts';
import type { ImageRecipe, LayerContext } from '../../lab/image/image-recipe.ts';
import { buildBase } from './build-base.ts';
import { filesBelow } from './files-below.ts';
import { initrdArchive, type ArchiveFile } from './initrd-archive.ts';

const here = dirname(fileURLToPath(import.meta.url));
const baseFolder = join(here, 'base');
const guestFolder = join(here, 'guest');

/** Where each input goes in the guest. */
export const PLACES = {
  'agent.exe': 'C:/lab/agent.exe',
  'shell.exe': 'C:/lab/shell.exe',
  'sc.exe': 'C:/windows/system32/sc.exe',
  'netio.sys': 'C:/windows/system32/drivers/netio.sys',
  // What the agent runs in its own process.
  'sc.dll': 'C:/lab/resident/sc.dll',
  'reg.dll': 'C:/lab/resident/reg.dll',
  'echoctl.dll': 'C:/lab/resident/echoctl.dll',
} as const;

const DISK = 'disk.qcow2';

export const recipe: ImageRecipe = {
  name: 'reference',
  base: {
    sources: [baseFolder],
    inputs: {},
    stages: ['debian', 'wine', 'unpack', 'system', 'prefix', 'initrd', 'disk'],
    neededMiB: 1200,
    build: async (context) => buildBase(context, baseFolder),
  },
  layer: {
    sources: [guestFolder],
    inputs: {
      'agent.exe': "the lab's agent",
      'shell.exe': 'what runs command lines of ssh in cmd.exe',
      'sc.exe': 'the service control program for this guest',
      'netio.sys': 'the WSK provider for this guest',
      'sc.dll': 'the service control program, for the agent',
      'reg.dll': 'the import of registry files, for the agent',
      'echoctl.dll': "the sample's control program, for the agent",
      'certificate.pem': 'the certificate whose drivers this guest starts',
    },
    stages: ['files'],
    neededMiB: 50,
    build: buildLayer,
  },
  guest,
};

async function buildLayer(context: LayerContext): Promise<void> {
  context.onStage('files');
  const hostKey = makeSshKeyPair('wsklab guest');
  const loginKey = makeSshKeyPair('wsklab');
  const files: ArchiveFile[] = [
    ...(await filesBelow(guestFolder)),
    { path: 'etc/ssh/host_key', content: Buffer.from(`${hostKey.private.trim()}\n`), mode: 0o600 },
    { path: 'etc/ssh/authorized_keys', content: Buffer.from(`${loginKey.public}\n`), mode: 0o600 },
    { path: 'C:/lab/trusted/lab.cer', content: await certificate(context), mode: 0o644 },
  ];
  for (const [name, path] of Object.entries(PLACES))
    files.push({ path, content: await readFile(context.inputs[name]!), mode: 0o755 });

  const put = (name: string, content: Buffer | string, mode = 0o644) =>
    writeFile(join(context.folder, name), content, { mode });
  const archive = initrdArchive(files.map((file) => ({ ...file, path: `image/${file.path}` })));
  // 0600: the archive holds the guest's private host key.
  await put('initrd', Buffer.concat([await readFile(join(context.base, 'initrd')), archive])); // QEMU reads it as nobody, by a descriptor; the folder is closed to others
  await put('login_key', `${loginKey.private.trim()}\n`, 0o600);
  await put('host_key.pub', `${hostKey.public}\n`);
  for (const name of ['vmlinuz', DISK]) await link(join(context.base, name), join(context.folder, name));
}

/** DER, as sc.exe reads it. */
async function certificate({ inputs }: LayerContext): Promise<Buffer> {
  return new X509Certificate(await readFile(inputs['certificate.pem']!)).raw;
}

async function guest(folder: string): Promise<GuestImage> {
  const read = async (name: string) => (await readFile(join(folder, name), 'utf8')).trim();
  return {
    name: 'reference',
    capabilities: ['ntsup'],
    devices: 'virtio',
    // QEMU 7.2 emulates SMAP such that Linux 6.1 with Wine oopses on newer CPU models.
    cpu: { kvm: 'host', tcg: 'Nehalem' },
    cores: 1,
    memoryMiB: 768,
    boot: {
      kind: 'kernel',
      kernel: join(folder, 'vmlinuz'),
      initrd: join(folder, 'initrd'),
      // Without kernel page-table isolation a Wine program starts in half the time under TCG; nothing in this guest
      // is to be kept from anything else in it. On a busy host Linux finds the emulated TSC "unstable" and goes over to
      // the HPET, whose every reading leaves the processor; both are the host's own clock, so it may be trusted.
      append: 'console=ttyS0 quiet panic=-1 mitigations=off tsc=reliable',
    },
    disks: [{ file: join(folder, DISK), format: 'qcow2' }],
    ssh: {
      user: 'lab',
      privateKey: `${await read('login_key')}\n`,
      hostKey: (await read('host_key.pub')).split(' ').slice(0, 2).join(' '),
    },
    onReboot: 'exit',
    bootTimeoutMs: { kvm: 60_000, tcg: 180_000 },
  };
}
