/** `image build|inspect|list|remove`. */
import {
  listTemplates,
  removeTemplates,
  templateSizeMiB,
  type StoredTemplate,
} from '../clone/template-store.ts';
import { EXIT } from '../errors.ts';
import type { MediumOptions } from '../image/image-recipe.ts';
import { licenceWarnings } from '../image/image-warnings.ts';
import { listImages, removeImage } from '../image/image-store.ts';
import { chooseEdition, readWindowsIso, requireX64 } from '../image/windows-iso.ts';
import { columns } from '../report/text.ts';
import { prepare } from './guests.ts';
import { Progress } from './progress.ts';

/** So many digits of a digest are shown, and are enough to name it. */
const DIGITS = 16;

/** As commander has them. */
export interface BuildImageOptions extends Omit<MediumOptions, 'diskGiB'> {
  openssh?: string;
  diskSize?: number;
}

export async function buildImageCommand(
  name: string,
  { openssh, diskSize, ...given }: BuildImageOptions,
  signal: AbortSignal,
): Promise<number> {
  using progress = new Progress();
  const medium: MediumOptions = {
    ...given,
    ...(openssh !== undefined && { openSsh: openssh }),
    ...(diskSize !== undefined && { diskGiB: diskSize }),
  };
  const { image } = await prepare(name, { progress, signal, medium });
  process.stdout.write(`${image.name}@${image.digest.slice(0, DIGITS)}  ${image.folder}\n`);
  return EXIT.green;
}

/** What an ISO would install; with an edition, whether the lab can make a guest of it. */
export async function inspectIsoCommand(
  path: string,
  { json, edition }: { json?: boolean; edition?: string },
): Promise<number> {
  const iso = await readWindowsIso(path);
  const editions = edition === undefined ? iso.editions : [chooseEdition(iso, edition)];
  if (json) process.stdout.write(`${JSON.stringify({ ...iso, editions }, null, 2)}\n`);
  else {
    const rows = editions.map(({ index, editionId, architecture, build, languages, name }) => [
      ...[String(index), editionId, architecture, String(build), languages.join(' '), name],
    ]);
    const head = ['index', 'edition', 'for', 'build', 'languages', 'name'];
    process.stdout.write(`editions in ${iso.source}\n\n${columns(head, rows, [0, 3])}\n`);
    if (iso.answerFile !== undefined)
      process.stdout.write(`\n${iso.answerFile} on this medium may be taken by Setup instead of the lab's\n`);
  }
  requireX64(iso);
  return EXIT.green;
}

export async function listImagesCommand({ json }: { json?: boolean }): Promise<number> {
  const images = await listImages();
  const templates = await Promise.all(
    (await listTemplates()).map(async (each) => ({ ...each, sizeMiB: await templateSizeMiB(each) })),
  );
  if (json) {
    process.stdout.write(`${JSON.stringify({ images, templates }, null, 2)}\n`);
    return EXIT.green;
  }
  if (images.length === 0) {
    process.stdout.write('no images; npm run lab -- image build reference\n');
    return EXIT.green;
  }
  const imageRows = images.map(({ name, digest, builtAt, sizeMiB, facts, folder }) => [
    `${name}@${digest.slice(0, DIGITS)}`,
    builtAt,
    `${sizeMiB} MiB`,
    facts === undefined ? '' : `${facts.edition} ${facts.build}`,
    facts?.licence ?? '',
    facts?.expiresAt?.slice(0, 10) ?? '',
    folder,
  ]);
  const head = ['image', 'built', 'size', 'system', 'licence', 'ends', 'folder'];
  process.stdout.write(`${columns(head, imageRows, [2])}\n`);
  for (const warning of images.flatMap((image) => licenceWarnings(image)))
    process.stdout.write(`\nwarning: ${warning}\n`);
  const rows = templates.map((each) => [
    `${each.image}@${each.imageDigest.slice(0, DIGITS)}`,
    `${each.accelerator}, ${each.network}`,
    each.madeAt,
    `${each.sizeMiB} MiB`,
    abilities(each),
    each.folder,
  ]);
  if (rows.length > 0)
    process.stdout.write(
      `\n${columns(['template of', 'for', 'made', 'size', 'can', 'folder'], rows, [3])}\n`,
    );
  return EXIT.green;
}

/** What its guest was found to be able to do. */
const abilities = ({ capabilities }: StoredTemplate): string =>
  capabilities
    .filter(({ has }) => has)
    .map(({ name }) => name)
    .join(' ') || '-';

/** The templates of an image go with it: nothing could be cloned from them. */
export async function removeImageCommand(reference: string): Promise<number> {
  const removed = await removeImage(reference);
  for (const { name, digest } of removed) {
    await removeTemplates(({ imageDigest }) => imageDigest === digest);
    process.stdout.write(`removed ${name}@${digest.slice(0, DIGITS)}\n`);
  }
  if (removed.length === 0) process.stdout.write(`no image '${reference}'\n`);
  return removed.length === 0 ? EXIT.usage : EXIT.green;
}
