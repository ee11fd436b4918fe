/** `image build|list|remove`. */
import { listTemplates, removeTemplates, templateSizeMiB } from '../clone/template-store.ts';
import { EXIT } from '../errors.ts';
import { listImages, removeImage } from '../image/image-store.ts';
import { columns } from '../report/text.ts';
import { prepare } from './guests.ts';
import { Progress } from './progress.ts';

/** So many digits of a digest are shown, and are enough to name it. */
const DIGITS = 16;

export async function buildImageCommand(name: string, signal: AbortSignal): Promise<number> {
  using progress = new Progress();
  const { image } = await prepare(name, { progress, signal });
  process.stdout.write(`${image.name}@${image.digest.slice(0, DIGITS)}  ${image.folder}\n`);
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
  const imageRows = images.map(({ name, digest, builtAt, sizeMiB, folder }) => [
    `${name}@${digest.slice(0, DIGITS)}`,
    builtAt,
    `${sizeMiB} MiB`,
    folder,
  ]);
  process.stdout.write(`${columns(['image', 'built', 'size', 'folder'], imageRows, [2])}\n`);
  const rows = templates.map(({ image, imageDigest, accelerator, network, madeAt, sizeMiB, folder }) => [
    `${image}@${imageDigest.slice(0, DIGITS)}`,
    `${accelerator}, ${network}`,
    madeAt,
    `${sizeMiB} MiB`,
    folder,
  ]);
  if (rows.length > 0)
    process.stdout.write(`\n${columns(['template of', 'for', 'made', 'size', 'folder'], rows, [3])}\n`);
  return EXIT.green;
}

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
