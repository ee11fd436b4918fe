/** Everything that a guest needs before it can boot: drivers built, signing key, image. What is valid is kept. */
import { join } from 'node:path';
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
  const inputs = imageInputs(recipe, signingKey);
  const image = await timed('image', () =>
    buildImage(name, { inputs, ...(onImage && { onProgress: onImage }), signal }),
  );
  return { signingKey, image, guest: await guestOf(image) };
}

/** The files that a recipe asks for: the lab's own programs and provider, and the certificate. */
function imageInputs({ base, layer }: ImageRecipe, signingKey: SigningKey): Record<string, string> {
  const names = Object.keys({ ...base.inputs, ...layer.inputs });
  return Object.fromEntries(
    names.map((name) => [
      name,
      name === 'certificate.pem' ? signingKey.certificatePath : join(driversFolder, name),
    ]),
  );
}
