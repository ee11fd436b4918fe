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
  /** One of the part's `stages` begins. */
  onStage: (stage: string) => void;
  signal?: AbortSignal;
}

export interface RecipePart<Context extends PartContext = PartContext> {
  /** Files and folders of the recipe whose content decides what this part will be; absolute. */
  sources: readonly string[];
  /** Input files that go in: name, and what it is for a message about its absence. */
  inputs: Readonly<Record<string, string>>;
  /** In their order. */
  stages: readonly string[];
  /** Free space that the build needs at its peak. */
  neededMiB: number;
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
  /** What the lab has to know in order to boot the image in `folder` (a finished layer). */
  guest(folder: string): Promise<GuestImage>;
}
