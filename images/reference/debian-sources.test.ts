import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { debianSources } from './debian-sources.ts';

/** An /etc with these files; the path is given to `work`. */
async function withEtc(files: Record<string, string>, work: (etc: string) => Promise<void>): Promise<void> {
  const etc = await mkdtemp(join(tmpdir(), 'wsklab-etc-'));
  try {
    await mkdir(join(etc, 'apt/sources.list.d'), { recursive: true });
    for (const [name, text] of Object.entries(files)) await writeFile(join(etc, name), text);
    await work(etc);
  } finally {
    await rm(etc, { recursive: true });
  }
}

const BOOKWORM = 'ID=debian\nVERSION_CODENAME=bookworm\n';

describe("the host's Debian mirrors", () => {
  it('are read from paragraphs, without what is disabled, for sources, or not of Debian', () =>
    withEtc(
      {
        'os-release': BOOKWORM,
        'apt/sources.list.d/debian.sources':
          'Types: deb deb-src\n# a comment\nURIs: http://mirror.test/debian\nSuites: bookworm\n bookworm-updates\n' +
          'Components: main contrib\nSigned-By: /k.gpg\n\nTypes: deb\nURIs: http://mirror.test/security\n' +
          'Suites: bookworm-security\nComponents: main\n\nEnabled: no\nTypes: deb\nURIs: http://off.test/\n' +
          'Suites: bookworm\nComponents: main\n\nTypes: deb-src\nURIs: http://src.test/\nSuites: bookworm\nComponents: main\n',
        'apt/sources.list.d/node.sources':
          'Types: deb\nURIs: https://node.test/\nSuites: nodistro\nComponents: main\n',
      },
      async (etc) =>
        assert.deepEqual(await debianSources('bookworm', etc), [
          'deb [signed-by=/k.gpg] http://mirror.test/debian bookworm main',
          'deb [signed-by=/k.gpg] http://mirror.test/debian bookworm-updates main',
          'deb http://mirror.test/security bookworm-security main',
        ]),
    ));

  it('are read from lines', () =>
    withEtc(
      {
        'os-release': BOOKWORM,
        'apt/sources.list':
          '# deb http://off.test bookworm main\ndeb [arch=amd64 signed-by=/k.gpg] http://mirror.test/debian bookworm main # ok\n' +
          'deb-src http://src.test bookworm main\ndeb http://extra.test bookworm contrib\n',
      },
      async (etc) =>
        assert.deepEqual(await debianSources('bookworm', etc), [
          'deb [signed-by=/k.gpg] http://mirror.test/debian bookworm main',
        ]),
    ));

  it('serve the release of the guest on a host of another one', () =>
    withEtc(
      {
        'os-release': 'ID=debian\nVERSION_CODENAME=trixie\n',
        'apt/sources.list':
          'deb http://mirror.test/debian trixie main\ndeb http://mirror.test/security trixie-security main\n',
      },
      async (etc) =>
        assert.deepEqual(await debianSources('bookworm', etc), [
          'deb http://mirror.test/debian bookworm main',
          'deb http://mirror.test/security bookworm-security main',
        ]),
    ));

  it('are not there on a host that is not Debian', () =>
    withEtc({ 'os-release': 'ID=other\nVERSION_CODENAME=x\n' }, async (etc) => {
      await assert.rejects(debianSources('bookworm', etc), { code: 'LAB_NO_DEBIAN_MIRROR', blame: 'host' });
    }));
});
