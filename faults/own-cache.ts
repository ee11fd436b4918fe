/**
 * The campaign's own cache, run folders and temporary files: what is broken there is nobody else's. They stay in the
 * cache folder between campaigns, so that the template is made once.
 *
 *     faults/cache/      WSKLAB_CACHE of the labs that are broken
 *     faults/runs/       their run folders
 *     faults/tmp/        their TMPDIR
 *     faults/templates/  the templates, while a lab is to find none
 *     faults/healthy/    a run folder to which nothing happened
 *     faults/broken/     what a lab said that broke an invariant
 *     faults/base-digest the base image that the templates are made of
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { execa } from 'execa';
import { cacheFolder } from '../lab/project.ts';
import { fileDigest, fileIdentity } from '../lab/image/file-digest.ts';
import type { Preparation } from '../lab/run/prepare-guest.ts';
import { SCENARIOS } from './moments.ts';
import { unmountBelow } from './small-disk.ts';

export class OwnCache {
  readonly root = join(cacheFolder(), 'faults');
  readonly path = join(this.root, 'cache');
  readonly runs = join(this.root, 'runs');
  readonly temporary = join(this.root, 'tmp');
  readonly broken = join(this.root, 'broken');
  readonly healthy = join(this.root, 'healthy');
  readonly #image: string;
  #baseIdentity = '';
  #baseDigest = '';

  /** With the image in it, copied: its files will have bits flipped. */
  static async open({ image, signingKey }: Preparation): Promise<OwnCache> {
    const cache = new OwnCache(basename(image.folder));
    await unmountBelow(cache.root);
    await cache.removeTemporary();
    for (const folder of [cache.templates, cache.runs, cache.temporary, cache.broken])
      await mkdir(folder, { recursive: true });
    await rm(join(cache.path, 'images'), { recursive: true, force: true });
    await rm(join(cache.path, 'signing-key'), { recursive: true, force: true });
    await mkdir(join(cache.path, 'images'));
    await copy(image.folder, join(cache.path, 'images'));
    await copy(join(signingKey.keyPath, '..'), cache.path);
    const accelerator = join(cacheFolder(), 'accelerator.json');
    if (existsSync(accelerator)) await copy(accelerator, cache.path);
    cache.#baseDigest = await fileDigest(cache.baseImage);
    await cache.#removeTemplatesOfAnotherBase();
    cache.#baseIdentity = await fileIdentity(cache.baseImage);
    return cache;
  }

  /** An image that was built again is another one, though its digest says that it is made of the same parts. */
  async #removeTemplatesOfAnotherBase(): Promise<void> {
    const note = join(this.root, 'base-digest');
    if (existsSync(note) && readFileSync(note, 'utf8') === this.#baseDigest) return;
    await rm(this.templates, { recursive: true, force: true });
    await mkdir(this.templates);
    await writeFile(note, this.#baseDigest);
  }

  private constructor(image: string) {
    this.#image = image;
  }

  get templates(): string {
    return join(this.path, 'templates');
  }

  get machines(): string {
    return join(this.path, 'machines');
  }

  /** The disk below every guest's. */
  get baseImage(): string {
    return join(this.path, 'images', this.#image, 'disk.qcow2');
  }

  /** The folder of the template, if there is one. */
  get template(): string | undefined {
    return this.#templates[0];
  }

  /** Takes all templates away where there are more than one, and says whether it did: a fault has to strike the one in use. */
  async removeAmbiguousTemplates(): Promise<boolean> {
    const templates = this.#templates;
    if (templates.length < 2) return false;
    for (const folder of templates) await rm(folder, { recursive: true, force: true });
    return true;
  }

  get #templates(): string[] {
    const folders = readdirSync(this.templates).map((name) => join(this.templates, name));
    return folders.filter((folder) => existsSync(join(folder, 'manifest.json')));
  }

  /** A scenario's folder in the run folder to which nothing happened. */
  get healthyScenario(): string {
    return join(this.healthy, SCENARIOS[0]);
  }

  /** What a fault put there, and what the labs left behind. */
  async removeTemporary(): Promise<void> {
    await rm(this.temporary, { recursive: true, force: true });
    await mkdir(this.temporary, { recursive: true });
  }

  /** As if there were no template yet. Gives the way back, on which one that was made meanwhile is lost. */
  async setTemplatesAside(): Promise<() => Promise<void>> {
    const aside = join(this.root, 'templates');
    await rm(aside, { recursive: true, force: true });
    await rename(this.templates, aside);
    await mkdir(this.templates);
    return async () => {
      await rm(this.templates, { recursive: true, force: true });
      await rename(aside, this.templates);
    };
  }

  /** Whether the base image still holds what it did. It is read only when somebody has touched it. */
  async isBaseUnchanged(): Promise<boolean> {
    const identity = await fileIdentity(this.baseImage).catch(() => '');
    if (identity === this.#baseIdentity) return true;
    if (identity === '' || (await fileDigest(this.baseImage)) !== this.#baseDigest) return false;
    this.#baseIdentity = identity;
    return true;
  }
}

async function copy(from: string, into: string): Promise<void> {
  await execa('cp', ['-a', '--reflink=auto', '--sparse=always', from, into]);
}
