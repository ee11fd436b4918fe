/** Everything that a guest needs before it can boot: drivers built, signing key, image. What is valid is kept. */
import { join } from 'node:path';
import { ensureSigningKey, type SigningKey } from '../deploy/signing-key.ts';
import type { GuestImage } from '../guest/guest-image.ts';
import { buildImage, type BuildOptions, type ImageProgress } from '../image/build-image.ts';
import { LabError } from '../errors.ts';
import { imageWarnings } from '../image/image-warnings.ts';
import { guestOf, resolveImage, type Image } from '../image/image-store.ts';
import {
  isInstalled,
  type ImageInputs,
  type InstalledRecipe,
  type MediumOptions,
  type Recipe,
} from '../image/image-recipe.ts';
import { loadRecipe } from '../image/load-recipe.ts';
import { cacheFolder } from '../project.ts';
import { buildDrivers, driversFolder } from './build-drivers.ts';
import { AGENT_FILE, agentToUpdate, type AgentFile } from './installed-agent.ts';

export interface Preparation {
  signingKey: SigningKey;
  image: Image;
  guest: GuestImage;
  /** The lab's agent, where the image was made with another one. */
  agent?: AgentFile | undefined;
}

export interface PrepareOptions {
  onPhase?: (phase: 'drivers' | 'image', ms: number | undefined) => void;
  onImage?: (progress: ImageProgress) => void;
  onWarning?: (text: string) => void;
  /** Install an image that is installed from a medium; without it, one that was installed before is taken. */
  medium?: MediumOptions;
  signal?: AbortSignal;
}

export async function prepareGuest(name: string, options: PrepareOptions = {}): Promise<Preparation> {
  const { onPhase } = options;
  const timed = async <T>(phase: 'drivers' | 'image', work: () => Promise<T>): Promise<T> => {
    onPhase?.(phase, undefined);
    const began = performance.now();
    const result = await work();
    onPhase?.(phase, performance.now() - began);
    return result;
  };
  const recipe = await loadRecipe(name);
  await timed('drivers', () => buildDrivers(options.signal));
  const signingKey = await ensureSigningKey(cacheFolder());
  const inputs = imageInputs(recipe, signingKey);
  const image = await timed('image', () => imageOf(recipe, inputs, options));
  // The agent is no reason to install again: templates get the present one.
  const { [AGENT_FILE]: _agent, ...lasting } = inputs;
  for (const warning of await imageWarnings(image, lasting)) options.onWarning?.(warning);
  return { signingKey, image, guest: await guestOf(image), agent: await agentToUpdate(image, inputs) };
}

async function imageOf(recipe: Recipe, inputs: ImageInputs, options: PrepareOptions): Promise<Image> {
  const { medium, signal, onImage, onWarning } = options;
  const building = {
    signal,
    ...(onImage && { onProgress: onImage }),
    ...(onWarning && { onNote: onWarning }),
  };
  if (!isInstalled(recipe) && medium && Object.keys(medium).length > 0) {
    throw new LabError({
      code: 'LAB_MEDIUM_UNWANTED',
      blame: 'usage',
      message: `image '${recipe.name}' is not installed from a medium: --${Object.keys(medium)[0]} is of no use to it`,
      next: `npm run lab -- image build ${recipe.name}`,
    });
  }
  if (!isInstalled(recipe)) return await buildImage(recipe.name, { recipe, inputs, ...building });
  if (!medium) return await resolveImage(recipe.name);
  return await install(recipe, inputs, { ...building, medium });
}

async function install(
  recipe: InstalledRecipe,
  labInputs: ImageInputs,
  { medium, ...building }: { medium: MediumOptions } & Omit<BuildOptions, 'inputs'>,
): Promise<Image> {
  const { recipe: opened, inputs, notes } = await recipe.open(medium, labInputs);
  for (const note of notes) building.onNote?.(note);
  return await buildImage(recipe.name, { recipe: opened, inputs: { ...labInputs, ...inputs }, ...building });
}

/** The files that a recipe asks for: the lab's own programs and provider, and the certificate. */
function imageInputs(recipe: Recipe, signingKey: SigningKey): ImageInputs {
  const wanted = isInstalled(recipe) ? recipe.labInputs : { ...recipe.base.inputs, ...recipe.layer.inputs };
  const names = Object.keys(wanted);
  return Object.fromEntries(
    names.map((name) => [
      name,
      name === 'certificate.pem' ? signingKey.certificatePath : join(driversFolder, name),
    ]),
  );
}
