import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { chmod, mkdir, readFile, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { LabError } from '../errors.ts';
import { processStartTime } from '../machine/process-identity.ts';
import { buildImage, imageDigest, type ImageProgress } from './build-image.ts';
import { fileDigest } from './file-digest.ts';
import { listImages, storeFolders } from './image-store.ts';
import { tinyRecipe, type TinyRecipe } from './tiny-recipe.ts';

const build = ({ recipe, inputs }: TinyRecipe, more: object = {}) =>
  buildImage('tiny', { recipe, inputs, ...more });
const entries = (folder: string) => readdir(folder).catch(() => [] as string[]);

async function assertNothingHalfMade(): Promise<void> {
  const { root, bases, building } = storeFolders();
  assert.deepEqual(await entries(building), []);
  for (const name of await entries(bases))
    assert.equal(await entries(join(bases, name)).then((f) => f.length), 1);
  assert.deepEqual(
    (await entries(root)).filter((name) => name.startsWith('tiny-')),
    [],
  );
}

describe('building an image', () => {
  it('builds base and layer, and says how far it is', async () => {
    await using tiny = await tinyRecipe();
    const progress: ImageProgress[] = [];
    const image = await build(tiny, { onProgress: (each: ImageProgress) => progress.push(each) });
    assert.equal(await readFile(join(image.folder, 'image'), 'utf8'), 'base 1, layer 1, driver 1');
    assert.deepEqual(
      progress.map(({ part, stage, step, steps }) => `${part} ${stage} ${step}/${steps}`),
      ['base first 1/2', 'base second 2/2', 'base ready 2/2', 'image only 1/1', 'image ready 1/1'],
    );
    assert.equal(image.digest, await imageDigest(tiny.recipe, tiny.inputs));
  });

  it('finds the image the second time', async () => {
    await using tiny = await tinyRecipe();
    const [first, second] = [await build(tiny), await build(tiny)];
    assert.equal(first.folder, second.folder);
    assert.deepEqual(tiny.built, { base: 1, layer: 1 });
  });

  it('builds only the layer again for another input or another source of the layer', async () => {
    await using tiny = await tinyRecipe();
    await build(tiny);
    await writeFile(tiny.inputs.driver, 'driver 2');
    const second = await build(tiny);
    assert.equal(await readFile(join(second.folder, 'image'), 'utf8'), 'base 1, layer 1, driver 2');
    await chmod(tiny.sources.layer, 0o755);
    await build(tiny);
    assert.deepEqual(tiny.built, { base: 1, layer: 3 });
  });

  it('builds both again for another source of the base', async () => {
    await using tiny = await tinyRecipe();
    await build(tiny);
    await writeFile(tiny.sources.base, 'base 2');
    const image = await build(tiny);
    assert.equal(await readFile(join(image.folder, 'image'), 'utf8'), 'base 2, layer 1, driver 1');
    assert.deepEqual(tiny.built, { base: 2, layer: 2 });
  });

  it('builds once for two labs at once', async () => {
    await using tiny = await tinyRecipe();
    const images = await Promise.all([build(tiny), build(tiny), build(tiny)]);
    assert.equal(new Set(images.map(({ folder }) => folder)).size, 1);
    assert.deepEqual(tiny.built, { base: 1, layer: 1 });
  });

  it('leaves nothing half-made when a part fails, and builds it the next time', async () => {
    for (const failing of ['base', 'layer']) {
      let fails = true;
      await using tiny = await tinyRecipe((part) => {
        if (fails && part === failing) throw new Error(`no ${part}`);
      });
      await assert.rejects(build(tiny), { message: `no ${failing}` });
      await assertNothingHalfMade();
      fails = false;
      await build(tiny);
    }
  });

  it('leaves nothing half-made when it is interrupted, and rejects with the reason', async () => {
    for (const interrupted of ['base', 'layer']) {
      const controller = new AbortController();
      const reason = new LabError({ code: 'LAB_INTERRUPTED', blame: 'usage', message: 'ended by SIGINT' });
      await using tiny = await tinyRecipe((part) => {
        if (part === interrupted) controller.abort(reason);
      });
      await assert.rejects(build(tiny, { signal: controller.signal }), reason);
      await assertNothingHalfMade();
    }
  });

  it('hands what an interrupted build of a long part has made to the next one, and drops it for other inputs', async () => {
    let fails = true;
    const found: string[] = [];
    await using tiny = await tinyRecipe(async (part, { folder }) => {
      if (part !== 'base') return;
      found.push((await entries(folder)).sort().join());
      await writeFile(join(folder, 'more'), '');
      if (fails) throw new Error('no base');
    });
    tiny.recipe.base.isResumable = true;
    const notes: string[] = [];
    const again = () => build(tiny, { onNote: (text: string) => notes.push(text) });
    await assert.rejects(again(), { message: 'no base' });
    await assert.rejects(again(), { message: 'no base' });
    assert.deepEqual([found, notes], [['disk', 'disk,more'], []]);
    tiny.recipe.base.words = ['another edition'];
    fails = false;
    await again();
    assert.equal(found[2], 'disk');
    assert.match(notes.join(), /another medium, edition, disk or script/);
    assert.deepEqual(await entries(storeFolders().building), []);
  });

  it('tells in the manifest what each file of the image was, and what the image says of itself', async () => {
    await using tiny = await tinyRecipe();
    const facts = { build: '20348', edition: 'Core', hostKey: 'ssh-ed25519 A' };
    tiny.recipe.facts = () => Promise.resolve(facts);
    const { folder, files, facts: told } = await build(tiny);
    assert.deepEqual(files, { image: await fileDigest(join(folder, 'image')) });
    assert.deepEqual(told, facts);
  });

  it('removes what dead builders left and nothing of the living', async () => {
    await using tiny = await tinyRecipe();
    const { building } = storeFolders();
    const dead = spawnSync(process.execPath, ['-e', '']).pid;
    const living = `${process.pid}-${processStartTime(process.pid)}-999`;
    // The second has the number of a living process, and another start time.
    for (const name of [`${dead}-1-1`, `${process.pid}-1-1`, living])
      await mkdir(join(building, name, 'part'), { recursive: true });
    await build(tiny);
    assert.deepEqual(await entries(building), [living]);
  });

  it('says what a full disk needs and has, before the build and during it', async () => {
    await using tiny = await tinyRecipe((part) => {
      if (part === 'layer') throw new Error('mke2fs: No space left on device while writing');
    });
    const message = /^no space to build an image in '.*building': needed 1 MiB, available \d+ MiB$/;
    await assert.rejects(build(tiny), { code: 'LAB_DISK_FULL', message });
    tiny.recipe.base.neededMiB = 1e12;
    await writeFile(tiny.sources.base, 'base 2');
    await assert.rejects(build(tiny), { code: 'LAB_DISK_FULL', message: /needed 1000000000000 MiB/ });
    assert.equal(tiny.built.base, 1);
  });

  it('names the input that is not there', async () => {
    await using tiny = await tinyRecipe();
    await assert.rejects(buildImage('tiny', { recipe: tiny.recipe, inputs: {} }), {
      code: 'LAB_IMAGE_INPUT',
      message: "image 'tiny' needs driver (the driver that goes in): no file given",
    });
  });

  it('keeps the newest images of a name only', async () => {
    await using tiny = await tinyRecipe();
    for (const text of ['1', '2', '3']) {
      await writeFile(tiny.inputs.driver, text);
      await build(tiny, { keep: 2 });
    }
    assert.equal((await listImages()).length, 2);
  });
});
