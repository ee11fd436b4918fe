import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { prepareDriver } from './deploy-driver.ts';
import { renderParameters } from './driver-parameters.ts';
import { readImports, readPe } from './pe.ts';
import { verifySignature } from './sign.ts';
import { ensureSigningKey, type SigningKey } from './signing-key.ts';
import { buildStandIn, buildTinyDriver } from './tiny-driver.ts';

describe('prepareDriver', function () {
  this.timeout(60_000);
  let folder: string;
  let signingKey: SigningKey;
  const path = (name: string) => join(folder, name);
  const modules = async (file: string) => [
    ...new Set(readImports(readPe(await readFile(file))).map(({ module }) => module)),
  ];

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'wsklab-deploy-'));
    signingKey = await ensureSigningKey(folder);
    await Promise.all([
      buildTinyDriver(folder),
      buildStandIn(folder, 'wsktr'),
      buildStandIn(folder, 'ntsup'),
    ]);
  });
  after(() => rm(folder, { recursive: true }));

  it('sends the driver under test through recorder and supplement, and signs it', async () => {
    const prepared = await prepareDriver({
      file: path('tiny.sys'),
      folder: path('both'),
      signingKey,
      recorder: path('wsktr.sys'),
      supplement: path('ntsup.sys'),
    });
    assert.equal(prepared.service, 'tiny');
    assert.deepEqual(Object.fromEntries(prepared.redirected.map(({ name, to }) => [name, to])), {
      WskRegister: 'WSKTR.SYS',
      WskDeregister: 'WSKTR.SYS',
      WskCaptureProviderNPI: 'WSKTR.SYS',
      IoAllocateIrp: 'WSKTR.SYS',
      KeDelayExecutionThread: 'WSKTR.SYS',
      IoFreeIrp: 'NTSUP.SYS',
      KeGetCurrentProcessorNumberEx: 'NTSUP.SYS',
    });
    assert.deepEqual(await modules(prepared.file), ['WSKTR.SYS', 'ntoskrnl.exe', 'NTSUP.SYS']);
    await verifySignature(signingKey.certificatePath, prepared.file);
  });

  it("leaves the way to WSK of the lab's own drivers alone", async () => {
    const { file } = await prepareDriver({
      file: path('tiny.sys'),
      folder: path('own'),
      signingKey,
      supplement: path('ntsup.sys'),
    });
    assert.deepEqual(await modules(file), ['NETIO.SYS', 'ntoskrnl.exe', 'NTSUP.SYS']);
  });

  it('deploys a file without a key exactly as it is', async () => {
    const { file } = await prepareDriver({
      file: path('tiny.sys'),
      folder: path('as-is'),
      signingKey: undefined,
    });
    assert.deepEqual(await readFile(file), await readFile(path('tiny.sys')));
  });

  it('refuses a driver that the recorder would not see, and a file that is not there', async () => {
    const blind = { file: path('tiny.sys'), folder: path('blind'), signingKey, recorder: path('ntsup.sys') };
    await assert.rejects(prepareDriver(blind), {
      code: 'LAB_DRIVER_NOT_RECORDED',
      message: /does not import WskRegister and WskCaptureProviderNPI from NETIO.SYS/,
    });
    await assert.rejects(prepareDriver({ ...blind, file: path('none.sys') }), {
      code: 'LAB_DRIVER_MISSING',
      exitCode: 2,
    });
  });
});

describe('driver parameters', () => {
  it('become a registry file that replaces what was there', () => {
    const text = renderParameters('echo', { Port: 4000, Style: 'event', Path: 'a"\\b' }).toString('utf16le');
    assert.deepEqual(text.split('\r\n'), [
      '\uFEFFWindows Registry Editor Version 5.00',
      '',
      '[-HKEY_LOCAL_MACHINE\\SYSTEM\\CurrentControlSet\\Services\\echo\\Parameters]',
      '',
      '[HKEY_LOCAL_MACHINE\\SYSTEM\\CurrentControlSet\\Services\\echo\\Parameters]',
      '"Port"=dword:00000fa0',
      '"Style"="event"',
      '"Path"="a\\"\\\\b"',
      '',
      '',
    ]);
  });

  it('are refused when the registry cannot hold them', () => {
    for (const value of [-1, 1.5, 2 ** 32, 'two\nlines'])
      assert.throws(() => renderParameters('echo', { Port: value }), {
        code: 'LAB_DRIVER_PARAMETER',
        exitCode: 2,
      });
  });
});
