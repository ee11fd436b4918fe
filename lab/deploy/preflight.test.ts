import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { LabError } from '../errors.ts';
import { readExports, readImports, readPe, type PeFile } from './pe.ts';
import { preflight } from './preflight.ts';
import { buildTinyDriver } from './tiny-driver.ts';

describe('preflight of a driver file', function () {
  this.timeout(60_000);
  let folder: string;
  let driver: Buffer;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'wsklab-preflight-'));
    driver = await buildTinyDriver(folder);
  });
  after(() => rm(folder, { recursive: true }));

  /** The driver with one header field changed. */
  function edited(edit: (file: Buffer, pe: PeFile) => void): Buffer {
    const file = Buffer.from(driver);
    edit(file, readPe(file));
    return file;
  }
  const refusal = (file: Buffer) => {
    try {
      preflight('my.sys', file, { imports: ['NETIO.SYS'] });
    } catch (error) {
      assert.ok(error instanceof LabError);
      return { code: error.code, message: error.message, exitCode: error.exitCode };
    }
    return assert.fail('accepted');
  };

  it('accepts a WSK driver and reads its imports and exports', () => {
    const pe = preflight('tiny.sys', driver, { imports: ['netio.sys', 'NTOSKRNL.EXE'] });
    assert.deepEqual(
      readImports(pe).map(({ module, functions }) => [module, functions.length]),
      [
        ['NETIO.SYS', 3],
        ['ntoskrnl.exe', 5],
      ],
    );
    assert.deepEqual(readExports(pe), ['TinyAnswer']);
  });

  it('refuses each unusable file with its own words and the exit code of wrong usage', () => {
    const cases: [Buffer, string, RegExp][] = [
      [Buffer.from('#!/bin/sh\n'), 'LAB_PE_MALFORMED', /'my.sys': .* begins with '23212f62' instead of 'MZ'/],
      [Buffer.alloc(0), 'LAB_PE_MALFORMED', /it is empty/],
      [driver.subarray(0, 300), 'LAB_PE_MALFORMED', /a header reaches beyond the end of the file/],
      [
        driver.subarray(0, driver.length - 1),
        'LAB_PE_MALFORMED',
        /'my.sys': .* section '.*' ends at byte \d+, the file has \d+/,
      ],
      [
        edited((file, { offsets }) => file.writeUInt16LE(0x10b, offsets.optionalHeader)),
        'LAB_DRIVER_32_BIT',
        /not 64-bit: optional header magic 0x10b instead of 0x20b/,
      ],
      [
        edited((file, { offsets }) => file.writeUInt16LE(0xaa64, offsets.fileHeader)),
        'LAB_DRIVER_MACHINE',
        /'my.sys' is for ARM64, the guests are x64/,
      ],
      [
        edited((file, { offsets }) => file.writeUInt16LE(3, offsets.optionalHeader + 68)),
        'LAB_DRIVER_SUBSYSTEM',
        /has subsystem 3 instead of 1 \(native\)/,
      ],
      [
        edited((file, { offsets }) => file.writeUInt16LE(0x2227, offsets.fileHeader + 18)),
        'LAB_DRIVER_RELOCATIONS',
        /relocations stripped/,
      ],
      [
        edited((file, { offsets }) => file.writeUInt32LE(0xe0000020, offsets.sectionTable + 36)),
        'LAB_DRIVER_WRITABLE_CODE',
        /section '.text' that is writable and executable/,
      ],
      [
        edited((file) => file.write('NOTIO', file.indexOf('NETIO.SYS'), 'latin1')),
        'LAB_DRIVER_IMPORT',
        /imports nothing from NETIO.SYS \(it imports from notio.sys, ntoskrnl.exe\)/,
      ],
    ];
    for (const [file, code, message] of cases) {
      const refused = refusal(file);
      assert.equal(refused.code, code);
      assert.match(refused.message, message);
      assert.equal(refused.exitCode, 2);
    }
  });
});
