/**
 * What the stand-in takes from Debian beside the reference guest's base: a kernel with drivers for the hardware that
 * Windows gets (the reference guest's is for clouds), what Setup lays out a disk with, and what it puts onto the disk.
 */
import { copyFile, mkdir, readFile, readdir } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { PartContext } from '../../lab/image/image-recipe.ts';
import { runLogged } from './run-logged.ts';

const here = dirname(fileURLToPath(import.meta.url));
const MODULES = join(here, 'modules.txt');
/** Folder and list of the files in it. */
const LISTS = { setup: join(here, 'setup-files.txt'), disk: join(here, 'disk-files.txt') };
export const DEBIAN_SOURCES = [MODULES, ...Object.values(LISTS)];

/** Into the folder: vmlinuz, modules/ in their order, setup/ and disk/ as they will be in Setup and on the disk. */
export async function fetchDebianFiles(context: PartContext): Promise<void> {
  const work = join(context.folder, 'work');
  await mkdir(work);
  const run = (command: string, ...args: string[]) => runLogged(context, [command, ...args], { cwd: work });
  context.onStage('packages');
  const depends = await run('apt-cache', 'depends', 'linux-image-amd64');
  const kernel = /Depends: (linux-image-\S+)/.exec(depends)?.[1] ?? 'linux-image-amd64';
  const files = await listedFiles();
  const packages = [kernel, ...new Set(files.map((file) => file.package))];
  await run('apt-get', '-qq', '-o', 'APT::Sandbox::User=root', 'download', ...packages);
  context.onStage('files');
  const modules = await lines(MODULES);
  const tree = join(work, 'tree');
  await mkdir(tree);
  for (const name of (await readdir(work)).filter((each) => each.endsWith('.deb')))
    await run('sh', '-c', UNPACK, name, name, tree, ...unpacked(name, kernel, modules));
  await copyFile(
    join(tree, 'boot', (await readdir(join(tree, 'boot')))[0]!),
    join(context.folder, 'vmlinuz'),
  );
  const [release] = await readdir(join(tree, 'lib/modules'));
  for (const [at, module] of modules.entries()) {
    const from = join(tree, 'lib/modules', release!, 'kernel', `${module}.ko`);
    await put(from, join(context.folder, 'modules', `${at + 10}-${basename(module)}.ko`));
  }
  // By the names under which programs look for them, which are symbolic links in the packages.
  for (const { path, folder } of files) await put(join(tree, path), join(context.folder, folder, path));
  await run('rm', '-r', work);
}

async function listedFiles(): Promise<{ folder: string; package: string; path: string }[]> {
  const lists = Object.entries(LISTS).map(async ([folder, list]) =>
    (await lines(list)).map((line) => {
      const [name, path] = line.split(' ');
      return { folder, package: name!, path: path! };
    }),
  );
  return (await Promise.all(lists)).flat();
}

/** $1: the package, $2: where to, then what of it. */
const UNPACK = 'deb=$1 tree=$2; shift 2; dpkg-deb --fsys-tarfile "$deb" | tar -x -C "$tree" --wildcards "$@"';

const unpacked = (deb: string, kernel: string, modules: string[]): string[] =>
  deb.startsWith(`${kernel}_`)
    ? ['./boot/vmlinuz*', ...modules.map((module) => `./lib/modules/*/kernel/${module}.ko`)]
    : [];

async function put(from: string, to: string): Promise<void> {
  await mkdir(dirname(to), { recursive: true });
  await copyFile(from, to);
}

async function lines(file: string): Promise<string[]> {
  const text = await readFile(file, 'utf8');
  return text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
}
