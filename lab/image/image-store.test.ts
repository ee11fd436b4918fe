import assert from 'node:assert/strict';
import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { buildImage } from './build-image.ts';
import { listImages, removeImage, resolveImage, storeFolders } from './image-store.ts';
import { tinyRecipe } from './tiny-recipe.ts';

describe('the store of images', () => {
  it('lists the newest first and skips folders that are no image', async () => {
    await using tiny = await tinyRecipe();
    const first = await buildImage('tiny', { recipe: tiny.recipe, inputs: tiny.inputs });
    await writeFile(tiny.inputs.driver, 'driver 2');
    const second = await buildImage('tiny', { recipe: tiny.recipe, inputs: tiny.inputs });
    const { root } = storeFolders();
    await mkdir(join(root, 'tiny-0000'));
    await writeFile(join(root, 'tiny-0000', 'manifest.json'), '{ half');
    assert.deepEqual(
      (await listImages()).map(({ digest }) => digest),
      [second.digest, first.digest],
    );
  });

  it('removes an image by its digest, and its base with the last one', async () => {
    await using tiny = await tinyRecipe();
    const first = await buildImage('tiny', { recipe: tiny.recipe, inputs: tiny.inputs });
    await writeFile(tiny.inputs.driver, 'driver 2');
    await buildImage('tiny', { recipe: tiny.recipe, inputs: tiny.inputs });
    const { bases } = storeFolders();
    await removeImage(`tiny@${first.digest.slice(0, 8)}`);
    assert.deepEqual([(await listImages()).length, (await readdir(bases)).length], [1, 1]);
    await removeImage('tiny');
    assert.deepEqual([(await listImages()).length, (await readdir(bases)).length], [0, 0]);
  });

  it('says how to get an image that is not built, and which there are', async () => {
    await using _tiny = await tinyRecipe();
    await assert.rejects(resolveImage('reference'), {
      code: 'LAB_IMAGE_MISSING',
      next: 'npm run lab -- image build reference',
    });
    await assert.rejects(resolveImage('referense'), { code: 'LAB_IMAGE_UNKNOWN', next: /reference/ });
  });
});
