import assert from 'node:assert/strict';
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { fileDigest } from '../image/file-digest.ts';
import { UnchangedFiles } from '../image/unchanged-files.ts';
import {
  corruptFile,
  listTemplates,
  readTemplate,
  removeTemplates,
  removeUnreadable,
  templateFolder,
  templateFolders,
  templateFiles,
  writeTemplateManifest,
  type StoredTemplate,
} from './template-store.ts';

describe('the templates in the cache folder', () => {
  let scratch: string;
  let base: string;
  let before: string | undefined;
  beforeEach(() => {
    scratch = mkdtempSync(join(tmpdir(), 'templates-'));
    before = process.env['WSKLAB_CACHE'];
    process.env['WSKLAB_CACHE'] = scratch;
    base = join(scratch, 'base');
    writeFileSync(base, 'base');
  });
  afterEach(() => {
    if (before === undefined) delete process.env['WSKLAB_CACHE'];
    else process.env['WSKLAB_CACHE'] = before;
    rmSync(scratch, { recursive: true });
  });

  async function make(key: string, madeAt: string, image = 'tiny'): Promise<StoredTemplate> {
    const folder = templateFolder(image, key);
    mkdirSync(folder, { recursive: true });
    // A MiB of nothing in the middle: what is not there has its place in the digest too.
    writeFileSync(
      join(folder, 'ram'),
      Buffer.concat([Buffer.alloc(2 ** 20, 1), Buffer.alloc(2 ** 20), Buffer.from('end')]),
    );
    writeFileSync(join(folder, 'state'), 'state');
    const files: Record<string, string> = { [base]: await fileDigest(base) };
    for (const name of ['ram', 'state']) files[name] = await fileDigest(join(folder, name));
    await writeTemplateManifest(folder, {
      ...{ image, imageDigest: `digest of ${key}`, key, parts: {}, madeAt },
      ...{ accelerator: 'tcg', network: 'tap', memoryMiB: 2, files },
    });
    return (await readTemplate(folder))!;
  }

  /** Turns one bit over and hides it from whoever looks at size and time only. */
  function flipBit(path: string, at: number): void {
    const content = readFileSync(path);
    content[at]! ^= 4;
    writeFileSync(path, content);
    utimesSync(path, 1, 1);
  }

  it('are listed the newest first; what has no readable manifest is none', async () => {
    await make('a'.repeat(64), '2026-01-01T00:00:00Z');
    const newer = await make('b'.repeat(64), '2026-01-02T00:00:00Z');
    writeFileSync(join(newer.folder, 'verified.json'), '{');
    mkdirSync(templateFolder('tiny', 'c'.repeat(64)));
    assert.deepEqual(
      (await listTemplates()).map(({ key }) => key[0]),
      ['b', 'a'],
    );
    assert.deepEqual((await removeTemplates(({ key }) => key.startsWith('a'))).length, 1);
    assert.deepEqual((await listTemplates()).length, 1);
    await removeUnreadable();
    assert.deepEqual(readdirSync(templateFolders().root), [basename(newer.folder)]);
  });

  for (const [name, at] of [
    ['ram', 5],
    ['ram', 2 ** 20 + 7],
    ['ram', 2 ** 21 + 2],
    ['state', 0],
  ] as const)
    it(`are found out when one bit of ${name} is turned over at ${at}, also after they were found good`, async () => {
      const template = await make('a'.repeat(64), '2026-01-01T00:00:00Z');
      assert.equal(await corruptFile(template), undefined);
      const files = await UnchangedFiles.of(templateFiles(template));
      flipBit(join(template.folder, name), at);
      await assert.rejects(files.require(), { evidence: [join(template.folder, name)] });
      assert.equal(await corruptFile(template), join(template.folder, name));
    });

  it("are found out when the image's own disk below them has changed, or a file is gone", async () => {
    const template = await make('a'.repeat(64), '2026-01-01T00:00:00Z');
    flipBit(base, 0);
    assert.equal(await corruptFile(template), base);
    const other = await make('b'.repeat(64), '2026-01-01T00:00:00Z');
    rmSync(join(other.folder, 'ram'));
    assert.equal(await corruptFile(other), join(other.folder, 'ram'));
  });

  it('are not read again while nobody has touched them', async () => {
    const template = await make('a'.repeat(64), '2026-01-01T00:00:00Z');
    assert.equal(await corruptFile(template), undefined);
    // A digest that no content has, remembered as good for the file as it is.
    const memory = join(template.folder, 'verified.json');
    const wrong = { ...template, files: { ...template.files, state: '0'.repeat(64) } };
    writeFileSync(memory, readFileSync(memory, 'utf8').replace(template.files['state']!, '0'.repeat(64)));
    assert.equal(await corruptFile(wrong), undefined);
  });
});
