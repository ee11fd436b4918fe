/**
 * Builds an image, or finds it built. A part is built in a folder of its own and renamed when it is whole, under a
 * lock, so that an interrupted build leaves nothing half-made and two labs build it once.
 */
import { existsSync } from 'node:fs';
import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { LabError } from '../errors.ts';
import { BuildFolder, keptOf, removeDeadBuilds, removeKept } from './build-folder.ts';
import { removeDeadLocks, whileLocked } from '../lock.ts';
import { contentKey, named } from './content-key.ts';
import { diskFull, hasNoSpace, isDiskFull, requireSpace } from './disk-space.ts';
import { fileDigest, sha256OfFile } from './file-digest.ts';
import {
  isInstalled,
  type ImageInputs,
  type ImageRecipe,
  type PartContext,
  type RecipePart,
} from './image-recipe.ts';
import {
  KEY_DIGITS,
  partName,
  readImage,
  sizeMiB,
  removeOldImages,
  storeFolders,
  type Image,
  type ImageManifest,
} from './image-store.ts';
import { loadRecipe } from './load-recipe.ts';

export interface ImageProgress {
  part: 'base' | 'image';
  /** A stage that begins; 'wait' while another lab builds this part, 'ready' when the part is there. */
  stage: string;
  /** Where inside of the stage. */
  detail?: string;
  /** 1 for the first stage of the part; `steps` are all of them. */
  step: number;
  steps: number;
  /** Since the part's build began. */
  elapsedMs: number;
}

export interface BuildOptions {
  /** Path of each file that the recipe asks for, by its name there: 'agent.exe', 'certificate.pem'... */
  inputs: ImageInputs;
  onProgress?: (progress: ImageProgress) => void;
  onNote?: (text: string) => void;
  signal?: AbortSignal | undefined;
  /** Older images of the name beyond so many are removed. */
  keep?: number;
  /** Instead of `images/<name>/image.ts`. */
  recipe?: ImageRecipe;
}

const KEPT_IMAGES = 5;

/** Rejects with LAB_IMAGE_INPUT, LAB_DISK_FULL, LAB_IMAGE_BUILD, LAB_IMAGE_UNKNOWN, or the signal's reason. */
export async function buildImage(name: string, options: BuildOptions): Promise<Image> {
  const recipe = options.recipe ?? (await builtRecipe(name));
  for (const part of [recipe.base, recipe.layer]) requireInputs(name, part, options.inputs);
  const folders = storeFolders();
  await mkdir(folders.bases, { recursive: true, mode: 0o700 });
  await removeDeadBuilds(folders.building);
  await removeDeadLocks(folders.locks);

  const baseKey = await partKey(name, recipe.base, options.inputs);
  const digest = await partKey(name, recipe.layer, options.inputs, baseKey);
  const base = join(folders.bases, partName(name, baseKey));
  const folder = join(folders.root, partName(name, digest));
  if (!existsSync(folder)) {
    await new PartBuild('base', base, recipe.base, options).ensure((context) => recipe.base.build(context));
    await new PartBuild('image', folder, recipe.layer, options).ensure(async (context) => {
      await recipe.layer.build({ ...context, base });
      const facts = await recipe.facts?.(context.folder);
      await writeManifest(context.folder, {
        ...{ name, digest, base: baseKey, builtAt: new Date().toISOString() },
        inputs: await inputDigests(options.inputs),
        files: await fileDigests(context.folder),
        ...(facts && { facts }),
      });
    });
    await removeOldImages(name, options.keep ?? KEPT_IMAGES);
  }
  const image = await readImage(folder);
  if (image) return image;
  throw new LabError({
    code: 'LAB_IMAGE_BUILD',
    blame: 'lab',
    message: `image '${name}' is in '${folder}' without a readable manifest.json`,
    next: `npm run lab -- image remove ${name}, then build it again`,
  });
}

/** @throws LabError LAB_MEDIUM_NEEDED for an image that is built from a medium only. */
async function builtRecipe(name: string): Promise<ImageRecipe> {
  const recipe = await loadRecipe(name);
  if (!isInstalled(recipe)) return recipe;
  throw new LabError({
    code: 'LAB_MEDIUM_NEEDED',
    blame: 'usage',
    message: `image '${name}' is installed from a medium, and none was given`,
    next: `npm run lab -- image build ${name} --iso FILE`,
  });
}

/** The digest that `buildImage` would build or find: for "is it up to date?" without building. */
export async function imageDigest(recipe: ImageRecipe, inputs: ImageInputs): Promise<string> {
  for (const part of [recipe.base, recipe.layer]) requireInputs(recipe.name, part, inputs);
  return partKey(recipe.name, recipe.layer, inputs, await partKey(recipe.name, recipe.base, inputs));
}

type AnyPart = Pick<RecipePart, 'sources' | 'inputs' | 'words' | 'stages' | 'neededMiB' | 'isResumable'>;

class PartBuild {
  readonly #startedAt = performance.now();
  readonly #kind: ImageProgress['part'];
  readonly #destination: string;
  readonly #part: AnyPart;
  readonly #options: BuildOptions;

  constructor(kind: ImageProgress['part'], destination: string, part: AnyPart, options: BuildOptions) {
    this.#kind = kind;
    this.#destination = destination;
    this.#part = part;
    this.#options = options;
  }

  async ensure(build: (context: PartContext) => Promise<void>): Promise<void> {
    const { locks } = storeFolders();
    const lock = join(locks, this.#destination.split('/').at(-1)!);
    const onWait = () => this.#progress('wait', 0);
    await whileLocked(
      lock,
      async () => {
        if (!existsSync(this.#destination)) await this.#build(build);
        this.#progress('ready', this.#part.stages.length);
      },
      { onWait, signal: this.#options.signal },
    );
  }

  async #build(build: (context: PartContext) => Promise<void>): Promise<void> {
    const { building, logs } = storeFolders();
    await mkdir(building, { recursive: true, mode: 0o700 });
    await mkdir(logs, { recursive: true });
    if (this.#part.isResumable) await this.#dropOthers();
    await using work = this.#part.isResumable
      ? await BuildFolder.keep(building, this.#destination.split('/').at(-1)!)
      : await BuildFolder.create(building);
    // What an interrupted build has written need not be free once more.
    const usedMiB = this.#part.isResumable ? await sizeMiB(work.part) : 0;
    await requireSpace(building, Math.max(this.#part.neededMiB - usedMiB, 0));
    try {
      await build({
        folder: work.part,
        inputs: pick(this.#options.inputs, Object.keys(this.#part.inputs)),
        log: join(logs, `${this.#destination.split('/').at(-1)!}.log`),
        onStage: (stage, detail) => this.#progress(stage, this.#part.stages.indexOf(stage) + 1, detail),
        onNote: (text) => this.#options.onNote?.(text),
        ...(this.#options.signal && { signal: this.#options.signal }),
      });
      this.#options.signal?.throwIfAborted();
      await work.finish(this.#destination);
    } catch (error) {
      this.#options.signal?.throwIfAborted();
      const isFull = isDiskFull(error) || (await hasNoSpace(building));
      throw isFull ? await diskFull(building, this.#part.neededMiB, error) : error;
    }
  }

  /** What was begun for this image with other inputs, and by nobody who is still at it. */
  async #dropOthers(): Promise<void> {
    const { building, locks } = storeFolders();
    const own = this.#destination.split('/').at(-1)!;
    const isOther = keptOf(own.slice(0, -KEY_DIGITS - 1));
    const isUnwanted = (name: string) =>
      isOther(name) && name !== own && !existsSync(join(locks, `${name}.lock`));
    const dropped = await removeKept(building, isUnwanted);
    if (dropped.length > 0)
      this.#options.onNote?.(
        'what was begun with another medium, edition, disk or script is dropped: it begins anew',
      );
  }

  #progress(stage: string, step: number, detail?: string): void {
    const elapsedMs = Math.round(performance.now() - this.#startedAt);
    this.#options.onProgress?.({
      ...{ part: this.#kind, stage, step, steps: this.#part.stages.length, elapsedMs },
      ...(detail !== undefined && { detail }),
    });
  }
}

function requireInputs(image: string, part: AnyPart, inputs: ImageInputs): void {
  for (const [name, what] of Object.entries(part.inputs)) {
    const path = inputs[name];
    if (path !== undefined && existsSync(path)) continue;
    throw new LabError({
      code: 'LAB_IMAGE_INPUT',
      blame: 'usage',
      message: `image '${image}' needs ${name} (${what}): ${path === undefined ? 'no file given' : `'${path}' does not exist`}`,
    });
  }
}

function partKey(name: string, part: AnyPart, inputs: ImageInputs, ...words: string[]): Promise<string> {
  const given = Object.keys(part.inputs).map((input) => ({ name: `input ${input}`, path: inputs[input]! }));
  return contentKey([...part.sources.map(named), ...given], name, ...(part.words ?? []), ...words);
}

async function inputDigests(inputs: ImageInputs): Promise<Record<string, string>> {
  const entries = Object.entries(inputs).map(
    async ([name, path]) => [name, await sha256OfFile(path)] as const,
  );
  return Object.fromEntries(await Promise.all(entries));
}

async function fileDigests(folder: string): Promise<Record<string, string>> {
  const files: Record<string, string> = {};
  for (const name of (await readdir(folder)).sort()) files[name] = await fileDigest(join(folder, name));
  return files;
}

async function writeManifest(folder: string, manifest: ImageManifest): Promise<void> {
  await writeFile(join(folder, 'manifest.json'), `${JSON.stringify(manifest, undefined, 2)}\n`);
}

function pick(inputs: ImageInputs, names: string[]): ImageInputs {
  return Object.fromEntries(names.map((name) => [name, inputs[name]!]));
}
