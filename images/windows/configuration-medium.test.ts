import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { LabError } from '../../lab/errors.ts';
import { answerFile } from './answer-file.ts';
import { writeConfigurationMedium, type ConfigurationContent } from './configuration-medium.ts';
import { OPENSSH, readOpenSsh } from './openssh-zip.ts';
import { provisionScripts } from './provision-script.ts';
import { WINDOWS_VERSIONS } from './windows-version.ts';

async function content(): Promise<ConfigurationContent> {
  return {
    answerFile: answerFile({
      version: WINDOWS_VERSIONS['windows-server-2022'],
      edition: { index: 1, name: 'Core', editionId: 'ServerStandardEval', languages: ['en-US'] },
      password: 'a-Password1',
    }),
    scripts: await provisionScripts(),
    openSsh: Buffer.from('the zip'),
    files: {
      'agent.exe': Buffer.from([0x4d, 0x5a, 0, 255]),
      'lab.cer': Buffer.from([0x30, 0x82]),
      authorized_keys: 'ssh-ed25519 AAAA wsklab\n',
    },
  };
}

describe('the configuration medium', () => {
  let folder: string;
  let given: ConfigurationContent;
  let iso: string;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'wsklab-configuration-'));
    given = await content();
    iso = join(folder, 'configuration.iso');
    await writeConfigurationMedium(given, iso);
  });
  after(() => rm(folder, { recursive: true }));

  /** 7-Zip and isoinfo read, xorriso wrote. */
  const read = async (path: string): Promise<Buffer> => {
    const { stdout } = await execa('7zz', ['e', '-so', '-tiso', iso, path], {
      encoding: 'buffer',
      stripFinalNewline: false,
    });
    return Buffer.from(stdout);
  };
  const isoinfo = async (...args: string[]): Promise<string> =>
    (await execa('isoinfo', ['-i', iso, ...args])).stdout;

  it('has in Joliet, which Windows reads, each file under its whole name', async () => {
    const listed = (await isoinfo('-J', '-f'))
      .split('\n')
      .filter((name) => name.includes('.') || name.endsWith('keys'));
    const scripts = Object.keys(given.scripts).map((name) => `/lab/${name}`);
    const files = Object.keys(given.files).map((name) => `/lab/files/${name}`);
    assert.deepEqual(
      listed.sort(),
      ['/autounattend.xml', `/lab/${OPENSSH.file}`, ...scripts, ...files].sort(),
    );
  });

  it('is named and has no Rock Ridge', async () => {
    const said = await isoinfo('-d');
    assert.match(said, /^Volume id: WSKLAB$/m);
    assert.match(said, /Joliet with UCS level 3 found/);
    assert.match(said, /NO Rock Ridge present/i);
  });

  it('has every file as it was given', async () => {
    assert.equal((await read('autounattend.xml')).toString(), given.answerFile);
    assert.deepEqual(await read('lab/files/agent.exe'), Buffer.from(given.files['agent.exe']));
    assert.deepEqual(await read(`lab/${OPENSSH.file}`), Buffer.from(given.openSsh));
    for (const [name, text] of Object.entries(given.scripts))
      assert.equal((await read(`lab/${name}`)).toString(), text);
  });

  it('has the script that the answer file starts', async () => {
    const started = /exist D:\\([^ ]+) /.exec(given.answerFile)?.[1]?.replaceAll('\\', '/');
    assert.match((await read(started!)).toString(), /^@echo off\r\n/);
  });

  it('has each file of its own that the steps take from it', async () => {
    const texts = Object.values(given.scripts).join('\n');
    const taken = [...texts.matchAll(/%MEDIUM%([\w.\\-]+)/g)].map(([, path]) => path!.replaceAll('\\', '/'));
    const names = taken.filter((path) => /\w\.\w/.test(path));
    assert.deepEqual([...new Set(names)].sort(), [OPENSSH.file, 'files/agent.exe']);
    for (const name of names) assert.ok((await read(`lab/${name}`)).length > 0, name);
    const local = [...texts.matchAll(/C:\\lab\\(\w+\.cer|authorized_keys)/g)].map(([, name]) => name!);
    for (const name of new Set(local)) assert.ok(name in given.files, name);
  });

  it('is the same, byte for byte, when it is made again', async () => {
    const again = join(folder, 'again.iso');
    await writeConfigurationMedium(given, again);
    assert.ok((await readFile(again)).equals(await readFile(iso)));
    await writeConfigurationMedium({ ...given, openSsh: Buffer.from('the zap') }, again);
    assert.ok(!(await readFile(again)).equals(await readFile(iso)));
  });

  it('has one date for all, whenever it is made', async () => {
    const dates = [...(await isoinfo('-J', '-l')).matchAll(/ ([A-Z][a-z]{2} +\d+ \d{4}) /g)].map(
      ([, date]) => date,
    );
    assert.ok(dates.length > Object.keys(given.scripts).length);
    assert.deepEqual([...new Set(dates)], ['Jan  1 2026']);
  });

  it('that cannot be written says so', () =>
    assert.rejects(writeConfigurationMedium(given, '/no/such/folder/x.iso'), { code: 'LAB_MEDIUM_WRITE' }));
});

describe('the ssh server for Windows', () => {
  const refused = (code: string, says: RegExp) => (error: unknown) =>
    error instanceof LabError && error.code === code && says.test(error.message);

  it('has to be given, or to lie beside the ISO', () =>
    assert.rejects(
      readOpenSsh({ iso: '/no/such/windows.iso' }),
      refused('LAB_OPENSSH_MISSING', /'\/no\/such\/OpenSSH-Win64\.zip'/),
    ));

  it('has to be the release that the steps are written for', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'wsklab-openssh-'));
    try {
      const given = join(folder, 'x.zip');
      await writeFile(given, 'abc');
      const says = /\(3 bytes\) has the SHA-256 ba7816bf.* and not 23f50f34/;
      await assert.rejects(readOpenSsh({ given, iso: 'any.iso' }), refused('LAB_OPENSSH_HASH', says));
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});
