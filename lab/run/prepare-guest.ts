/** Everything that a guest needs before it can boot: drivers built, signing key, image. What is valid is kept. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { signDriver } from '../deploy/sign.ts';
import { ensureSigningKey, type SigningKey } from '../deploy/signing-key.ts';
import type { GuestImage } from '../guest/guest-image.ts';
import { buildImage, type ImageProgress } from '../image/build-image.ts';
import { guestOf, type Image } from '../image/image-store.ts';
import type { ImageRecipe } from '../image/image-recipe.ts';
import { loadRecipe } from '../image/load-recipe.ts';
import { cacheFolder } from '../project.ts';
import { buildDrivers, driversFolder } from './build-drivers.ts';

export interface Preparation {
  signingKey: SigningKey;
  image: Image;
  guest: GuestImage;
}

export interface PrepareOptions {
  onPhase?: (phase: 'drivers' | 'image', ms: number | undefined) => void;
  onImage?: (progress: ImageProgress) => void;
  signal?: AbortSignal;
}

export async function prepareGuest(name: string, options: PrepareOptions = {}): Promise<Preparation> {
  const { signal, onImage, onPhase } = options;
  const timed = async <T>(phase: 'drivers' | 'image', work: () => Promise<T>): Promise<T> => {
    onPhase?.(phase, undefined);
    const began = performance.now();
    const result = await work();
    onPhase?.(phase, performance.now() - began);
    return result;
  };
  const recipe = await loadRecipe(name);
  await timed('drivers', () => buildDrivers(signal));
  const signingKey = await ensureSigningKey(cacheFolder());
  const image = await timed('image', async () => {
    const work = await mkdtemp(join(tmpdir(), 'wsklab-'));
    try {
      return await buildImage(name, {
        inputs: await imageInputs(recipe, signingKey, work),
        ...(onImage && { onProgress: onImage }),
        signal,
      });
    } finally {
      await rm(work, { recursive: true, force: true });
    }
  });
  return { signingKey, image, guest: await guestOf(image) };
}

/** The files that a recipe asks for: the lab's own programs, the provider with a signature, the certificate. */
async function imageInputs(
  recipe: ImageRecipe,
  signingKey: SigningKey,
  folder: string,
): Promise<Record<string, string>> {
  const names = Object.keys({ ...recipe.base.inputs, ...recipe.layer.inputs });
  const paths = names.map(async (name) => {
    if (name === 'certificate.pem') return [name, signingKey.certificatePath] as const;
    if (!name.endsWith('.sys')) return [name, join(driversFolder, name)] as const;
    const prepared = join(folder, name);
    await signDriver(signingKey, join(driversFolder, name), prepared);
    return [name, prepared] as const;
  });
  return Object.fromEntries(await Promise.all(paths));
}
