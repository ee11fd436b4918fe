/**
 * How a guest image is made. A recipe is `images/<name>/image.ts` exporting `recipe`. An image has two parts: the
 * base, which takes long and rarely changes (an operating system), and the layer, which takes seconds and holds what
 * the lab puts in (keys, agent, provider). Each part is made again only when its own content key changes.
 */
import type { GuestImage } from '../guest/guest-image.ts';

/** Files given by the caller, by the name that the recipe declares for them. */
export type ImageInputs = Readonly<Record<string, string>>;

export interface PartContext {
  /** An empty folder, to be filled. It becomes the part when `build` resolves, and is removed when it rejects. */
  folder: string;
  /** Of this part only, absolute paths. */
  inputs: ImageInputs;
  /** Where to write what the tools said; kept, also after a failure. */
  log: string;
  /** One of the part's `stages` begins, or is somewhere inside of it. */
  onStage: (stage: string, detail?: string) => void;
  /** Told what a person should know: that it goes on where another build was interrupted... */
  onNote: (text: string) => void;
  signal?: AbortSignal;
}

/** What a finished image tells of itself; see ImageManifest. */
export interface ImageFacts {
  /** Of the operating system: '20348.587'. */
  build: string;
  edition: string;
  /** UTC, ISO 8601: when an evaluation ends. */
  expiresAt?: string;
  /** How the licence stands, in Windows' words: 'licensed'; of one that wants to be activated 'notification'. */
  licence?: string;
  /** Of its ssh server. */
  hostKey: string;
}

export interface RecipePart<Context extends PartContext = PartContext> {
  /** Files and folders of the recipe whose content decides what this part will be; absolute. */
  sources: readonly string[];
  /** Input files that go in: name, and what it is for a message about its absence. */
  inputs: Readonly<Record<string, string>>;
  /** What else decides what this part will be. */
  words?: readonly string[];
  /** In their order. */
  stages: readonly string[];
  /** Free space that the build needs at its peak. */
  neededMiB: number;
  /** The folder of a build that was interrupted is kept, and handed to the next one for the same part. */
  isResumable?: boolean;
  build(context: Context): Promise<void>;
}

export interface LayerContext extends PartContext {
  /** The finished base; read-only. Its files may be hard-linked into `folder`. */
  base: string;
}

export interface ImageRecipe {
  name: string;
  base: RecipePart;
  layer: RecipePart<LayerContext>;
  /** What the finished image in `folder` is, where somebody has asked it. */
  facts?(folder: string): Promise<ImageFacts>;
  /** What the lab has to know in order to boot the image in `folder` (a finished layer). */
  guest(folder: string): Promise<GuestImage>;
}

/** What a person gives for an installation. */
export interface MediumOptions {
  iso?: string;
  edition?: string;
  openSsh?: string;
  diskGiB?: number;
}

/** An image that is installed from a medium: built when a person says so, with the medium, and found otherwise. */
export interface InstalledRecipe extends Pick<ImageRecipe, 'name' | 'guest'> {
  /** The lab's own files that go in, as for a part. */
  labInputs: Readonly<Record<string, string>>;
  /** Looks into the medium: what is to be built, and the files that it takes beside the lab's own. */
  open(
    medium: MediumOptions,
    labInputs: ImageInputs,
  ): Promise<{ recipe: ImageRecipe; inputs: ImageInputs; notes: string[] }>;
}

export type Recipe = ImageRecipe | InstalledRecipe;

export const isInstalled = (recipe: Recipe): recipe is InstalledRecipe => 'open' in recipe;
