/**
 * The images in the cache folder:
 *
 *     images/<name>-<digest>/        a finished image: what its recipe's layer made, and manifest.json
 *     images/bases/<name>-<key>/     a finished base, shared by hard links
 *     images/building/               what is not finished
 *     images/logs/                   what the last build of each part said
 */
import { readFile, readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { LabError } from '../errors.ts';
import type { GuestImage } from '../guest/guest-image.ts';
import { cacheFolder } from '../project.ts';
import { keptOf, removeKept } from './build-folder.ts';
import { loadRecipe } from './load-recipe.ts';

/** How much of a key stands in folder names: 64 bits. */
export const KEY_DIGITS = 16;

export const manifestSchema = z.object({
  name: z.string(),
  digest: z.string(),
  base: z.string(),
  /** UTC, ISO 8601. */
  builtAt: z.string(),
  /** SHA-256 of each input file. */
  inputs: z.record(z.string(), z.string()),
  /** `fileDigest` of each file of the image. */
  files: z.record(z.string(), z.string()).default({}),
  /** Of an installed system. */
  facts: z
    .object({
      build: z.string(),
      edition: z.string(),
      expiresAt: z.string().optional(),
      licence: z.string().optional(),
      hostKey: z.string(),
    })
    .optional(),
});
export type ImageManifest = z.output<typeof manifestSchema>;

export interface Image extends ImageManifest {
  folder: string;
}

export interface StoredImage extends Image {
  /** On disk; a base that several images share counts in each. */
  sizeMiB: number;
}

export const storeFolders = () => {
  const root = join(cacheFolder(), 'images');
  const inside = (name: string) => join(root, name);
  return {
    root,
    bases: inside('bases'),
    building: inside('building'),
    locks: inside('locks'),
    logs: inside('logs'),
  };
};

/** All images, the newest first. A folder without a readable manifest is none. */
export async function listImages(): Promise<StoredImage[]> {
  const { root } = storeFolders();
  const names = await readdir(root).catch(() => [] as string[]);
  const images = await Promise.all(names.map((name) => readImage(join(root, name))));
  return images.filter((image) => image !== undefined).sort((a, b) => (a.builtAt < b.builtAt ? 1 : -1));
}

/**
 * The newest image of that name, or the one whose digest begins so ('reference@3fa1').
 * @throws LabError LAB_IMAGE_MISSING when there is none, LAB_IMAGE_UNKNOWN when no such recipe exists.
 */
export async function resolveImage(reference: string): Promise<Image> {
  const { name, digest } = parseReference(reference);
  await loadRecipe(name);
  const image = (await listImages()).find((each) => each.name === name && each.digest.startsWith(digest));
  if (image) return image;
  throw new LabError({
    code: 'LAB_IMAGE_MISSING',
    blame: 'usage',
    message: `image '${reference}' is not built`,
    next: `npm run lab -- image build ${name}`,
  });
}

/** What is needed in order to boot it. */
export async function guestOf(image: Image): Promise<GuestImage> {
  return (await loadRecipe(image.name)).guest(image.folder);
}

/** Removes all images of that name, or the one with that digest, and the bases that no image uses any more. */
export async function removeImage(reference: string): Promise<StoredImage[]> {
  const { name, digest } = parseReference(reference);
  const removed = (await listImages()).filter((each) => each.name === name && each.digest.startsWith(digest));
  for (const { folder } of removed) await rm(folder, { recursive: true, force: true });
  if (digest === '') await removeKept(storeFolders().building, keptOf(name));
  await removeUnusedBases();
  return removed;
}

/** Removes all but the newest `keep` images of a name: every change to a driver that goes in makes a new one. */
export async function removeOldImages(name: string, keep: number): Promise<void> {
  const old = (await listImages()).filter((each) => each.name === name).slice(keep);
  for (const { folder } of old) await rm(folder, { recursive: true, force: true });
  await removeUnusedBases();
}

async function removeUnusedBases(): Promise<void> {
  const { bases } = storeFolders();
  const used = new Set((await listImages()).map(({ name, base }) => partName(name, base)));
  const names = await readdir(bases).catch(() => [] as string[]);
  for (const name of names.filter((each) => !used.has(each)))
    await rm(join(bases, name), { recursive: true, force: true });
}

export function partName(name: string, key: string): string {
  return `${name}-${key.slice(0, KEY_DIGITS)}`;
}

function parseReference(reference: string): { name: string; digest: string } {
  const [name = '', digest = ''] = reference.split('@', 2);
  return { name, digest };
}

/** Undefined when the folder holds no image, or one whose manifest cannot be read. */
export async function readImage(folder: string): Promise<StoredImage | undefined> {
  const text = await readFile(join(folder, 'manifest.json'), 'utf8').catch(() => undefined);
  if (text === undefined) return undefined;
  try {
    const manifest = manifestSchema.parse(JSON.parse(text));
    return { ...manifest, folder, sizeMiB: await sizeMiB(folder) };
  } catch {
    return undefined;
  }
}

/** On disk: holes do not count. */
export async function sizeMiB(folder: string): Promise<number> {
  const names = await readdir(folder);
  const blocks = await Promise.all(names.map(async (name) => (await stat(join(folder, name))).blocks));
  return Math.round(blocks.reduce((sum, count) => sum + count, 0) / 2048);
}
