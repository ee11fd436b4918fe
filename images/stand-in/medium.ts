/**
 * The stand-in for a Windows medium: an ISO with an EFI loader, "Setup", and a disk image made of the reference guest's
 * parts. It is built like an image, in two parts: what comes from Debian, and the rest.
 */
import { copyFile, mkdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { LabError } from '../../lab/errors.ts';
import { buildImage, type BuildOptions } from '../../lab/image/build-image.ts';
import type { ImageInputs, ImageRecipe, LayerContext } from '../../lab/image/image-recipe.ts';
import { partName, storeFolders } from '../../lab/image/image-store.ts';
import { PLACES as REFERENCE_PLACES, recipe as reference } from '../reference/image.ts';
import { initrdArchive, type ArchiveFile } from '../reference/initrd-archive.ts';
import { DEBIAN_SOURCES, fetchDebianFiles } from './debian-files.ts';
import { editionLines, EDITIONS } from './editions.ts';
import { filesBelow } from '../reference/files-below.ts';
import { mapLines, usedMiB } from './disk-map.ts';
import { runLogged } from './run-logged.ts';
import { wimFile } from './wim-file.ts';

const here = dirname(fileURLToPath(import.meta.url));
const referenceGuest = join(here, '..', 'reference', 'guest');
const sourcesOf = (...names: string[]): string[] => names.map((name) => join(here, name));

/** What of the lab's own is part of the stand-in's "Windows", and where it is there. The agent comes as to Windows. */
const { 'agent.exe': _agent, ...PLACES } = REFERENCE_PLACES;

/** Beside what the reference guest is made of. */
export const STAND_IN_INPUTS = reference.layer.inputs;

const NAME = 'stand-in-medium';
const LABEL = 'WSKLABSTANDIN';
const OPENSSH = 'OpenSSH-Win64.zip';
/** With room for what a guest writes; all of it is copied by Setup. */
const DISK_MIB = 384;
/** Below 32 MiB, which is what an El Torito entry can say. */
const EFI_MIB = 28;
/** Of the volume, in seconds, and of every file, as xorriso wants it: 1 January 2026. */
const VOLUME_DATE = String(Date.UTC(2026, 0, 1) / 1000);
const FILE_DATE = '2026010100000000';
const TOOLS = [
  ...[
    'bcdedit',
    'certutil',
    'fc',
    'findstr',
    'icacls',
    'net',
    'netsh',
    'powercfg',
    'powershell',
    'run',
    'savedump',
    'schtasks',
  ],
  ...['shutdown', 'tar', 'verifier'],
];
/** Of the reference guest: its agent is started otherwise, its sshd has another configuration. */
const NOT_OF_REFERENCE = ['sbin/lab-wine', 'etc/ssh/sshd_config'];

export interface StandInMedium {
  /** The ISO's path. */
  iso: string;
  /** The zip for the configuration medium: the stand-in's ssh server, in the place of Win32-OpenSSH. */
  openSsh: Buffer;
}

export interface MediumBuild extends Pick<BuildOptions, 'onProgress' | 'signal'> {
  /** Those of STAND_IN_INPUTS. */
  inputs: ImageInputs;
}

/** Builds it, or finds it built. Rejects as buildImage does. */
export async function makeStandInMedium({ inputs, ...options }: MediumBuild): Promise<StandInMedium> {
  const wanted = Object.fromEntries(Object.keys(STAND_IN_INPUTS).map((name) => [name, inputs[name]!]));
  const { base } = await buildImage(reference.name, { recipe: reference, inputs: wanted, ...options });
  const recipe = mediumRecipe(join(storeFolders().bases, partName(reference.name, base)), base);
  const { folder } = await buildImage(NAME, { recipe, inputs: wanted, keep: 2, ...options });
  return { iso: join(folder, 'stand-in.iso'), openSsh: await readFile(join(folder, OPENSSH)) };
}

function mediumRecipe(referenceBase: string, referenceKey: string): ImageRecipe {
  return {
    name: NAME,
    base: {
      ...{ sources: DEBIAN_SOURCES, inputs: {}, stages: ['packages', 'files'], neededMiB: 200 },
      build: fetchDebianFiles,
    },
    layer: {
      sources: [
        ...sourcesOf(
          'boot',
          'guest',
          'init',
          'openssh',
          'setup',
          'tools',
          'editions.ts',
          'medium.ts',
          'disk-map.ts',
        ),
        referenceGuest,
      ],
      words: [referenceKey],
      inputs: Object.fromEntries(Object.keys(PLACES).map((name) => [name, STAND_IN_INPUTS[name]!])),
      stages: ['programs', 'disk', 'start', 'iso'],
      neededMiB: 1000,
      build: (context) => buildMedium(context, referenceBase),
    },
    guest: () =>
      Promise.reject(
        new LabError({
          ...{ code: 'LAB_IMAGE_UNAVAILABLE', blame: 'usage' },
          message: `'${NAME}' is a medium to install from, and no guest`,
          next: 'npm run lab -- image build stand-in',
        }),
      ),
  };
}

async function buildMedium(context: LayerContext, referenceBase: string): Promise<void> {
  const { folder } = context;
  const run = (command: string, ...args: string[]) => runLogged(context, [command, ...args]);
  const tools = join(folder, 'tools');
  const content = join(folder, 'content');
  await mkdir(join(content, 'boot'), { recursive: true });
  await mkdir(join(content, 'sources'));

  context.onStage('programs');
  await run('make', '-s', '-j2', '-C', join(here, 'tools'), `BUILD=${tools}`);
  await zipOpenSsh(context, tools);

  context.onStage('disk');
  const disk = join(content, 'sources', 'disk.ext4');
  await run('qemu-img', 'convert', '-O', 'raw', join(referenceBase, 'disk.qcow2'), disk);
  await run('e2fsck', '-f', '-p', disk);
  await run('resize2fs', disk, `${DISK_MIB}M`);
  await writeFile(join(content, 'sources', 'disk.map'), mapLines(await usedMiB(disk)));

  context.onStage('start');
  const initrd = join(folder, 'initrd');
  const archive = initrdArchive(await initrdFiles(context, tools));
  await writeFile(initrd, Buffer.concat([await readFile(join(referenceBase, 'initrd')), archive]));
  const efi = join(content, 'boot', 'efi.img');
  await run('truncate', '-s', `${EFI_MIB}M`, efi);
  await run('mformat', '-i', efi, '-v', 'STANDIN', '-N', '0', '::');
  await run('mmd', '-i', efi, '::EFI', '::EFI/BOOT', '::EFI/wsklab');
  await run('mcopy', '-i', efi, join(tools, 'cdboot.efi'), '::EFI/BOOT/BOOTX64.EFI');
  const started = [join(tools, 'bootmgfw.efi'), join(context.base, 'vmlinuz'), initrd];
  await run('mcopy', '-i', efi, ...started, '::EFI/wsklab/');

  context.onStage('iso');
  await writeFile(join(content, 'sources', 'install.wim'), wimFile(EDITIONS));
  await makeIso(context, content);
  for (const each of [tools, content, initrd]) await rm(each, { recursive: true });
}

/** Behind the reference guest's own, with whose busybox it begins: drivers, what Setup is, what goes onto the disk. */
async function initrdFiles({ base, inputs }: LayerContext, tools: string): Promise<ArchiveFile[]> {
  const image = new Map<string, ArchiveFile>();
  const system32 = 'C:/windows/system32';
  const folders = [referenceGuest, join(here, 'guest'), join(base, 'disk')];
  for (const file of (await Promise.all(folders.map((each) => filesBelow(each)))).flat())
    if (!NOT_OF_REFERENCE.includes(file.path)) image.set(file.path, file);
  for (const name of TOOLS) {
    const path = `${system32}/${name}.exe`;
    image.set(path, { path, content: await readFile(join(tools, `${name}.exe`)), mode: 0o755 });
  }
  for (const [name, path] of Object.entries(PLACES))
    image.set(path, { path, content: await readFile(inputs[name]!), mode: 0o755 });
  const setup = [
    ...(await filesBelow(join(base, 'setup'))),
    ...below('setup', await filesBelow(join(here, 'setup'))),
  ];
  return [
    { path: 'init', content: await readFile(join(here, 'init')), mode: 0o755 },
    ...below('drivers', await filesBelow(join(base, 'modules'))),
    ...below('image', [...image.values()]),
    ...below('setup', setup),
    { path: 'setup/setup/editions', content: Buffer.from(editionLines()), mode: 0o644 },
  ];
}

const below = (folder: string, files: ArchiveFile[]): ArchiveFile[] =>
  files.map((file) => ({ ...file, path: `${folder}/${file.path}` }));

async function zipOpenSsh(context: LayerContext, tools: string): Promise<void> {
  const folder = join(tools, 'OpenSSH-Win64');
  await mkdir(folder);
  for (const name of ['install-sshd.ps1', 'sshd_config_default'])
    await copyFile(join(here, 'openssh', name), join(folder, name));
  await copyFile(join(tools, 'sshd.exe'), join(folder, 'sshd.exe'));
  await runLogged(context, ['7zz', 'a', '-tzip', '-bso0', join(context.folder, OPENSSH), folder]);
}

async function makeIso(context: LayerContext, content: string): Promise<void> {
  const started = ['-e', 'boot/efi.img', '-no-emul-boot'];
  const kind = ['--norock', '-J', '-V', LABEL, '--set_all_file_dates', FILE_DATE];
  const unfinished = join(context.folder, 'unfinished.iso');
  await runLogged(
    context,
    ['xorriso', '-as', 'mkisofs', '-quiet', ...kind, ...started, '-o', unfinished, content],
    { env: { SOURCE_DATE_EPOCH: VOLUME_DATE, TZ: 'UTC' } },
  );
  await stat(unfinished);
  await rename(unfinished, join(context.folder, 'stand-in.iso'));
}
