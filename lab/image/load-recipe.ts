/** The recipes: every folder below images/ that has an image.ts. */
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { LabError } from '../errors.ts';
import { projectRoot } from '../project.ts';
import type { ImageRecipe } from './image-recipe.ts';

const imagesFolder = join(projectRoot, 'images');

/** Guests whose recipe is not finished. */
const UNFINISHED = ['windows-server-2022', 'windows-server-2025', 'windows-10-22h2', 'windows-11-24h2'];

export function recipeNames(): string[] {
  return readdirSync(imagesFolder)
    .filter((name) => existsSync(join(imagesFolder, name, 'image.ts')))
    .sort();
}

/** @throws LabError LAB_IMAGE_UNKNOWN with the names that there are, LAB_IMAGE_UNAVAILABLE. */
export async function loadRecipe(name: string): Promise<ImageRecipe> {
  const names = recipeNames();
  if (UNFINISHED.includes(name)) {
    throw new LabError({
      code: 'LAB_IMAGE_UNAVAILABLE',
      blame: 'lab',
      message: `image '${name}' cannot be built yet: what drives Setup from its first start to a sealed disk is missing`,
      next: 'docs/windows.md says what there is; npm run lab -- image inspect ISO reads a Windows medium',
    });
  }
  if (!names.includes(name)) {
    throw new LabError({
      code: 'LAB_IMAGE_UNKNOWN',
      blame: 'usage',
      message: `no image '${name}'`,
      next: `take one of: ${names.join(', ')}`,
    });
  }
  const module = (await import(pathToFileURL(join(imagesFolder, name, 'image.ts')).href)) as {
    recipe: ImageRecipe;
  };
  return module.recipe;
}
