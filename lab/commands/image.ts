/** `image build|list|remove`. */
import { EXIT } from '../errors.ts';
import { listImages, removeImage } from '../image/image-store.ts';
import { columns } from '../report/text.ts';
import { Progress } from './progress.ts';
import { prepare } from './run.ts';

export async function buildImageCommand(name: string, signal: AbortSignal): Promise<number> {
  using progress = new Progress();
  const { image } = await prepare(name, progress, signal);
  process.stdout.write(`${image.name}@${image.digest.slice(0, 16)}  ${image.folder}\n`);
  return EXIT.green;
}

export async function listImagesCommand({ json }: { json?: boolean }): Promise<number> {
  const images = await listImages();
  if (json) process.stdout.write(`${JSON.stringify(images, null, 2)}\n`);
  else if (images.length === 0) process.stdout.write('no images; npm run lab -- image build reference\n');
  else {
    const rows = images.map(({ name, digest, builtAt, sizeMiB, folder }) => [
      `${name}@${digest.slice(0, 16)}`,
      builtAt,
      `${sizeMiB} MiB`,
      folder,
    ]);
    process.stdout.write(`${columns(['image', 'built', 'size', 'folder'], rows, [2])}\n`);
  }
  return EXIT.green;
}

export async function removeImageCommand(reference: string): Promise<number> {
  const removed = await removeImage(reference);
  for (const { name, digest } of removed) process.stdout.write(`removed ${name}@${digest.slice(0, 16)}\n`);
  if (removed.length === 0) process.stdout.write(`no image '${reference}'\n`);
  return removed.length === 0 ? EXIT.usage : EXIT.green;
}
