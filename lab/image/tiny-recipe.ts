/** For tests: a recipe whose parts are text files, built in no time, in a cache folder of its own. */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ImageRecipe, LayerContext, PartContext } from './image-recipe.ts';

export interface TinyRecipe extends AsyncDisposable {
  recipe: ImageRecipe;
  /** The layer's input. */
  inputs: { driver: string };
  /** A source of the base and of the layer, to be changed. */
  sources: { base: string; layer: string };
  /** How often each part was built. */
  built: { base: number; layer: number };
}

/** `before` runs in each part's build, after something was written. Sets WSKLAB_CACHE until disposed. */
export async function tinyRecipe(
  before: (part: 'base' | 'layer', context: PartContext) => Promise<void> | void = () => undefined,
): Promise<TinyRecipe> {
  const folder = await mkdtemp(join(tmpdir(), 'wsklab-image-'));
  const cacheBefore = process.env['WSKLAB_CACHE'];
  process.env['WSKLAB_CACHE'] = join(folder, 'cache');
  const sources = { base: join(folder, 'base.txt'), layer: join(folder, 'layer.txt') };
  const inputs = { driver: join(folder, 'driver.sys') };
  const built = { base: 0, layer: 0 };
  await writeFile(sources.base, 'base 1');
  await writeFile(sources.layer, 'layer 1');
  await writeFile(inputs.driver, 'driver 1');
  const recipe: ImageRecipe = {
    name: 'tiny',
    base: {
      sources: [sources.base],
      inputs: {},
      stages: ['first', 'second'],
      neededMiB: 1,
      async build(context) {
        built.base++;
        context.onStage('first');
        await writeFile(join(context.folder, 'disk'), await readFile(sources.base));
        await before('base', context);
        context.onStage('second');
      },
    },
    layer: {
      sources: [sources.layer],
      inputs: { driver: 'the driver that goes in' },
      stages: ['only'],
      neededMiB: 1,
      async build(context: LayerContext) {
        built.layer++;
        context.onStage('only');
        const parts = [join(context.base, 'disk'), sources.layer, context.inputs['driver']!];
        const texts = await Promise.all(parts.map((path) => readFile(path, 'utf8')));
        await writeFile(join(context.folder, 'image'), texts.join(', '));
        await before('layer', context);
      },
    },
    guest: () => Promise.reject(new Error('a tiny image cannot be booted')),
  };
  return {
    ...{ recipe, inputs, sources, built },
    async [Symbol.asyncDispose]() {
      if (cacheBefore === undefined) delete process.env['WSKLAB_CACHE'];
      else process.env['WSKLAB_CACHE'] = cacheBefore;
      await rm(folder, { recursive: true });
    },
  };
}
