import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import fc from 'fast-check';
import { LabError } from '../errors.ts';
import { computeChecksum, DIRECTORY, readExports, readImports, readPe } from './pe.ts';
import { redirectImports, type Redirection } from './redirect-imports.ts';
import { ensureSigningKey } from './signing-key.ts';
import { signDriver, verifySignature } from './sign.ts';
import { buildTinyDriver } from './tiny-driver.ts';

const REDIRECTIONS: Redirection[] = [
  { from: 'netio.sys', to: 'WSKTR.SYS', names: ['WskRegister', 'WskDeregister', 'WskCaptureProviderNPI'] },
  { from: 'ntoskrnl.exe', to: 'WSKTR.SYS', names: ['IoAllocateIrp', 'KeDelayExecutionThread'] },
  { from: 'ntoskrnl.exe', to: 'NTSUP.SYS', names: ['IoFreeIrp', 'IoAllocateIrp'] },
];

describe('redirectImports', function () {
  this.timeout(60_000);
  let folder: string;
  let driver: Buffer;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'wsklab-redirect-'));
    driver = await buildTinyDriver(folder);
  });
  after(() => rm(folder, { recursive: true }));

  /** [address table slot, module, function] of every import. */
  const slots = (file: Buffer) =>
    readImports(readPe(file)).flatMap(({ module, addressTable, functions }) =>
      functions.map(({ name }, index) => [addressTable + 8 * index, module, name] as const),
    );

  it('changes the module of the named functions and leaves every address table slot where it was', () => {
    const { file, redirected } = redirectImports(driver, REDIRECTIONS);
    const expected: Record<string, string> = {
      WskRegister: 'WSKTR.SYS',
      WskDeregister: 'WSKTR.SYS',
      WskCaptureProviderNPI: 'WSKTR.SYS',
      IoAllocateIrp: 'WSKTR.SYS',
      KeDelayExecutionThread: 'WSKTR.SYS',
      IoFreeIrp: 'NTSUP.SYS',
    };
    assert.deepEqual(
      slots(file),
      slots(driver).map(([slot, module, name]) => [slot, expected[name ?? ''] ?? module, name]),
    );
    assert.deepEqual(Object.fromEntries(redirected.map(({ name, to }) => [name, to])), expected);
    assert.equal(slots(driver).length, 8);
  });

  it('keeps the code and the address table byte for byte, and makes a right checksum and image size', () => {
    const before = readPe(driver);
    const after = readPe(redirectImports(driver, REDIRECTIONS).file);
    assert.deepEqual(after.sections.slice(0, -1), before.sections);
    assert.ok(
      after.bytes.subarray(before.sizeOfHeaders).indexOf(driver.subarray(before.sizeOfHeaders)) === 0,
    );
    const added = after.sections.at(-1);
    assert.equal(added?.name, '.wsklab');
    assert.equal(after.sizeOfImage, (added?.virtualAddress ?? 0) + 0x1000);
    assert.equal(after.checksum, computeChecksum(after));
    assert.notEqual(after.checksum, before.checksum);
  });

  it('makes a file that GNU objdump reads in the same way', async () => {
    const path = join(folder, 'redirected.sys');
    await writeFile(path, redirectImports(driver, REDIRECTIONS).file);
    const { stdout } = await execa('x86_64-w64-mingw32-objdump', ['-p', path]);
    const lines = stdout.match(/DLL Name: \S+|^\t[0-9a-f]+\t +\d+ {2}\w+$/gm) ?? [];
    let module = '';
    const seen = lines.flatMap((line) => {
      if (!line.startsWith('DLL')) return [`${module}!${line.split(' ').at(-1)}`];
      module = line.slice('DLL Name: '.length);
      return [];
    });
    const file = redirectImports(driver, REDIRECTIONS).file;
    assert.deepEqual(
      seen,
      slots(file).map(([, name, entry]) => `${name}!${entry}`),
    );
  });

  it('refuses a file that was redirected before', () => {
    const { file } = redirectImports(driver, REDIRECTIONS);
    assert.throws(() => redirectImports(file, REDIRECTIONS), { code: 'LAB_DRIVER_REDIRECTED' });
  });

  it('drops an old signature, and its result can be signed, verified and told from a changed file', async () => {
    const key = await ensureSigningKey(folder);
    const path = (name: string) => join(folder, name);
    await signDriver(key, path('tiny.sys'), path('signed-before.sys'));
    const signed = await readFile(path('signed-before.sys'));
    assert.notEqual(readPe(signed).directory(DIRECTORY.security).size, 0);

    const { file } = redirectImports(signed, REDIRECTIONS);
    assert.equal(readPe(file).directory(DIRECTORY.security).size, 0);
    await writeFile(path('unsigned.sys'), file);
    await signDriver(key, path('unsigned.sys'), path('signed.sys'));
    await verifySignature(key.certificatePath, path('signed.sys'));
    await assert.rejects(verifySignature(key.certificatePath, path('unsigned.sys')), {
      code: 'LAB_DRIVER_SIGNATURE',
    });

    const final = await readFile(path('signed.sys'));
    assert.equal(readPe(final).checksum, computeChecksum(readPe(final)), 'osslsigncode sets the checksum');
    final[readPe(final).sections[0]?.rawAddress ?? 0]! ^= 0xff;
    await writeFile(path('changed.sys'), final);
    await assert.rejects(verifySignature(key.certificatePath, path('changed.sys')), {
      code: 'LAB_DRIVER_SIGNATURE',
    });
  });

  it('says so when the headers have no room for another section', () => {
    const full = Buffer.from(driver);
    const pe = readPe(full);
    full.writeUInt32LE(pe.offsets.sectionTable + pe.sections.length * 40, pe.offsets.optionalHeader + 60);
    assert.throws(() => redirectImports(full, REDIRECTIONS), { code: 'LAB_DRIVER_NO_HEADER_ROOM' });
  });

  it('answers every damaged file with a result or a LabError', () => {
    const damage = fc.array(fc.tuple(fc.nat(driver.length - 1), fc.nat(255)), { minLength: 1, maxLength: 6 });
    fc.assert(
      fc.property(damage, fc.nat(driver.length), (changes, cut) => {
        const file = Buffer.from(driver);
        for (const [offset, value] of changes) file[offset] = value;
        // Headers and import section are where damage matters most: half of the changes go there.
        for (const [offset, value] of changes) file[offset % 1024] = value;
        for (const damaged of [file, file.subarray(0, cut)]) {
          try {
            redirectImports(damaged, REDIRECTIONS);
            readExports(readPe(damaged));
          } catch (error) {
            assert.ok(error instanceof LabError, String((error as Error).stack));
          }
        }
      }),
    );
  });
});
