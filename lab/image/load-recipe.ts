/** The recipes: every folder below images/ that has an image.ts. */
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { LabError } from '../errors.ts';
import { projectRoot } from '../project.ts';
import type { Recipe } from './image-recipe.ts';

const imagesFolder = join(projectRoot, 'images');

export function recipeNames(): string[] {
  return readdirSync(imagesFolder)
    .filter((name) => existsSync(join(imagesFolder, name, 'image.ts')))
    .sort();
}

/** @throws LabError LAB_IMAGE_UNKNOWN with the names that there are. */
export async function loadRecipe(name: string): Promise<Recipe> {
  const names = recipeNames();
  if (!names.includes(name)) {
    throw new LabError({
      code: 'LAB_IMAGE_UNKNOWN',
      blame: 'usage',
      message: `no image '${name}'`,
      next: `take one of: ${names.join(', ')}`,
    });
  }
  // esbuild finds the files by this pattern.
  const { recipe } = (await import(`../../images/${name}/image.ts`)) as { recipe: Recipe };
  return recipe;
}
