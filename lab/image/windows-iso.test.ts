import assert from 'node:assert/strict';
import { readFile, truncate, writeFile } from 'node:fs/promises';
import { LabError } from '../errors.ts';
import { MediumFolder, type MediumImage } from './windows-medium.fixture.ts';
import { chooseEdition, readWindowsIso, requireX64 } from './windows-iso.ts';
import { readWimImages } from './wim.ts';

const SERVER: MediumImage[] = [
  { name: 'Windows Server 2022 SERVERSTANDARDCORE', editionId: 'ServerStandardEval' },
  { name: 'Windows Server 2022 SERVERSTANDARD', editionId: 'ServerStandardEval' },
  { name: 'Ausgabe für zwei Sprachen & <mehr>', languages: ['de-DE', 'fr-FR'], build: 26100 },
];

async function serverMedium(): Promise<MediumFolder> {
  const medium = await MediumFolder.create();
  await medium.putWim('sources/install.wim', SERVER);
  await medium.put('setup.exe', 'MZ');
  return medium;
}

async function refused(path: string, expected: { code: string; says: RegExp }): Promise<void> {
  await assert.rejects(readWindowsIso(path), (error: unknown) => {
    assert.ok(error instanceof LabError, String(error));
    assert.equal(error.code, expected.code);
    assert.match(error.message, expected.says);
    return true;
  });
}

function refusedEdition(choose: () => unknown, expected: { code: string; says: RegExp }): void {
  assert.throws(choose, (error: LabError) => {
    assert.equal(error.code, expected.code);
    assert.match(error.message, expected.says);
    return true;
  });
}

describe('a Windows medium', () => {
  it('tells its editions as wimlib wrote them', async () => {
    await using medium = await serverMedium();
    // 7-Zip takes the name's extension for a hint.
    const iso = await readWindowsIso(await medium.udf('medium.download'));
    const now = Date.now();
    for (const { createdAt } of iso.editions)
      assert.ok(Math.abs(new Date(createdAt!).getTime() - now) < 600_000, createdAt);
    const editions = iso.editions.map(({ createdAt: _, ...rest }) => rest);
    assert.deepEqual(editions, [
      {
        ...{ index: 1, name: SERVER[0]!.name, editionId: 'ServerStandardEval', architecture: 'x64' },
        ...{ build: 20348, languages: ['en-US'] },
      },
      {
        ...{ index: 2, name: SERVER[1]!.name, editionId: 'ServerStandardEval', architecture: 'x64' },
        ...{ build: 20348, languages: ['en-US'] },
      },
      {
        ...{ index: 3, name: SERVER[2]!.name, editionId: '', architecture: 'x64' },
        ...{ build: 26100, languages: ['de-DE', 'fr-FR'] },
      },
    ]);
    assert.equal(iso.source, 'sources/install.wim');
    assert.equal(iso.answerFile, undefined);
  });

  it('may hold them in install.esd, in any case of letters, beside an answer file of its own', async () => {
    await using medium = await MediumFolder.create();
    await medium.putWim('Sources/Install.esd', SERVER.slice(0, 1));
    await medium.put('AutoUnattend.xml', '<unattend/>');
    const iso = await readWindowsIso(await medium.udf());
    assert.deepEqual([iso.source, iso.editions.length], ['Sources/Install.esd', 1]);
    assert.equal(iso.answerFile, 'AutoUnattend.xml');
  });

  it('is not a file that is missing, a folder, or not an ISO', async () => {
    await using medium = await MediumFolder.create();
    await refused('/no/such.iso', { code: 'LAB_ISO_MISSING', says: /^there is no file '\/no\/such\.iso'$/ });
    await refused(medium.path(''), { code: 'LAB_ISO_MISSING', says: /is not a file/ });
    const path = medium.path('page.iso');
    await writeFile(path, '<!doctype html><html>');
    const says = /21 bytes and begins with 3c 21 64 6f 63 74 79 70 65 .* \(a web page/;
    await refused(path, { code: 'LAB_ISO_NONE', says });
    await writeFile(path, '');
    await refused(path, { code: 'LAB_ISO_NONE', says: /the file is empty/ });
  });

  it('is not an install.wim alone', async () => {
    await using medium = await MediumFolder.create();
    const wim = await medium.putWim('install.wim', SERVER.slice(0, 1));
    await refused(wim, { code: 'LAB_ISO_NONE', says: /begins with 4d 53 57 49 4d .*give the ISO/ });
  });

  it('is not any other ISO', async () => {
    await using medium = await MediumFolder.create();
    await medium.put('dists/bookworm/Release', 'Debian');
    const says =
      /neither sources\/install\.wim nor sources\/install\.esd; 1 files, .* dists\/bookworm\/Release/;
    await refused(await medium.iso9660(), { code: 'LAB_ISO_NOT_WINDOWS', says });
    await medium.put('x64/sources/install.esd', '');
    await refused(await medium.udf(), { code: 'LAB_ISO_NOT_WINDOWS', says: /for two architectures/ });
  });

  it('is refused with both sizes where it is cut', async () => {
    await using medium = await serverMedium();
    await medium.put('sources/boot.wim', new Uint8Array(3_000_000));
    const path = await medium.udf();
    const whole = (await readFile(path)).length;
    for (const size of [whole - 400_000, 1_000_000]) {
      await truncate(path, size);
      await refused(path, {
        code: 'LAB_ISO_DAMAGED',
        says: new RegExp(`it has ${size} bytes, and .* at least \\d+$`),
      });
    }
    await truncate(path, 200_000);
    await refused(path, { code: 'LAB_ISO_DAMAGED', says: /cut or damaged: it has 200000 bytes/ });
  });

  it('is refused where its install.wim is none', async () => {
    await using medium = await MediumFolder.create();
    await medium.put('sources/install.wim', 'MSWIM\0\0\0');
    await refused(await medium.udf(), {
      code: 'LAB_WIM_MALFORMED',
      says: /it has 8 bytes, and its header 208/,
    });
    await medium.put('sources/install.wim', Buffer.alloc(300, 'x'));
    await refused(await medium.udf(), { code: 'LAB_WIM_MALFORMED', says: /begins with "xxxxxxxx"/ });
  });
});

describe('a WIM', () => {
  it('is read the same in pieces of any size', async () => {
    await using medium = await MediumFolder.create();
    const wim = await readFile(await medium.putWim('install.wim', SERVER));
    const pieces = async function* (size: number) {
      for (let at = 0; at < wim.length; at += size) yield wim.subarray(at, at + size);
    };
    const whole = await readWimImages(pieces(wim.length));
    for (const size of [1, 7, 208, 4096]) assert.deepEqual(await readWimImages(pieces(size)), whole);
  });

  it('that ends before its XML is refused', async () => {
    await using medium = await MediumFolder.create();
    const wim = await readFile(await medium.putWim('install.wim', SERVER));
    const cut = async function* () {
      yield wim.subarray(0, wim.length - 10);
    };
    await assert.rejects(readWimImages(cut()), /its XML ends at byte \d+, and the file at \d+/);
  });
});

describe("a medium's edition", () => {
  it('is chosen by index, name or edition id', async () => {
    await using medium = await serverMedium();
    const iso = await readWindowsIso(await medium.udf());
    assert.equal(chooseEdition(iso, '2').name, SERVER[1]!.name);
    assert.equal(chooseEdition(iso, 'windows server 2022 serverstandard').index, 2);
    assert.equal(chooseEdition(iso, 'ServerStandardEval').index, 1);
  });

  it('that is not there is refused with the nearest, and all that are', async () => {
    await using medium = await serverMedium();
    const iso = await readWindowsIso(await medium.udf());
    const says = /no edition 'ServerStandartEval' among 1 'Windows .* did you mean 'ServerStandardEval'\?$/;
    refusedEdition(() => chooseEdition(iso, 'ServerStandartEval'), { code: 'LAB_ISO_EDITION', says });
    refusedEdition(() => chooseEdition(iso, '4'), {
      code: 'LAB_ISO_EDITION',
      says: /no edition '4' among 1 /,
    });
  });

  it('has to be for x64', async () => {
    await using medium = await MediumFolder.create();
    await medium.putWim('sources/install.wim', [
      { name: 'for ARM', arch: 12 },
      { name: '32-bit', arch: 0 },
    ]);
    const iso = await readWindowsIso(await medium.udf());
    const code = 'LAB_ISO_ARCHITECTURE';
    refusedEdition(() => chooseEdition(iso, '1'), { code, says: /'for ARM' is for arm64$/ });
    refusedEdition(() => requireX64(iso), { code, says: /'for ARM' is for arm64, '32-bit' is for x86$/ });
  });
});
