import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { root } from './bootstrap.mjs';
import { missingPackages } from './debian-packages.mjs';
import { isInstalled } from './npm-packages.mjs';
import { runProgram } from './run-program.mjs';

describe('npm packages', () => {
  let folder;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'wsklab-set-up-'));
    mkdirSync(join(folder, 'node_modules'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  const lock = (path, packages) => writeFileSync(join(folder, path), JSON.stringify({ packages }));
  const zod = { version: '4.0.0', integrity: 'sha512-a' };
  const forOtherSystems = { version: '1.0.0', integrity: 'sha512-b', optional: true };

  it('are installed when npm wrote down what the lock file wants, other systems aside', () => {
    lock('package-lock.json', { '': {}, 'node_modules/zod': zod, 'node_modules/x': forOtherSystems });
    lock('node_modules/.package-lock.json', { 'node_modules/zod': zod });
    assert.equal(isInstalled(folder), true);
  });

  const cases = [
    ['another version is there', { 'node_modules/zod': { ...zod, version: '4.0.1' } }],
    ['another file of that version is there', { 'node_modules/zod': { ...zod, integrity: 'sha512-c' } }],
    ['one is missing', {}],
  ];
  for (const [title, installed] of cases) {
    it(`are not installed when ${title}`, () => {
      lock('package-lock.json', { '': {}, 'node_modules/zod': zod });
      lock('node_modules/.package-lock.json', installed);
      assert.equal(isInstalled(folder), false);
    });
  }

  it('are not installed when npm ci was interrupted, which leaves no list', () => {
    lock('package-lock.json', { '': {}, 'node_modules/zod': zod });
    assert.equal(isInstalled(folder), false);
  });

  it('are installed in this checkout, or these tests would not run', () =>
    assert.equal(isInstalled(root), true));
});

describe('Debian packages', () => {
  it('that dpkg does not have as installed are missing', async () => {
    assert.deepEqual(await missingPackages(['dpkg', 'no-such-package']), ['no-such-package']);
  });

  it('each have a reason, and none stands in two lists', () => {
    const lists = JSON.parse(readFileSync(join(root, 'scripts', 'debian-packages.json'), 'utf8'));
    const names = Object.values(lists).flatMap((list) => Object.keys(list));
    assert.equal(new Set(names).size, names.length);
    for (const reason of Object.values(lists).flatMap((list) => Object.values(list)))
      assert.match(reason, /\w+ \w+/);
  });
});

describe('a program of the set-up', () => {
  it('gives its exit code and the end of its output', async () => {
    const { exitCode, output } = await runProgram('sh', ['-c', 'echo out; echo err >&2; exit 3']);
    assert.equal(exitCode, 3);
    assert.deepEqual(output.trim().split('\n').sort(), ['err', 'out']);
  });

  it('that is not there ends with 127', async () => {
    assert.equal((await runProgram('/no/such/program', [])).exitCode, 127);
  });
});

describe('npm test', () => {
  it('refuses a part that it does not have, with exit code 2', async () => {
    const { exitCode, output } = await runProgram(process.execPath, [
      join(root, 'scripts', 'test.mjs'),
      'unti',
    ]);
    assert.equal(exitCode, 2);
    assert.match(output, /no part 'unti'; parts: lint, unit, guest/);
  });
});
