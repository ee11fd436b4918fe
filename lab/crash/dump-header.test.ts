import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import type { Bugcheck } from './bugcheck.ts';
import { dumpHeader } from './dump-header.fixture.ts';
import { parseDumpHeader, readDumpHeader } from './dump-header.ts';

const bugcheck: Bugcheck = {
  code: 0xd1,
  parameters: [0xffffde8000000011n, 2n, 0n, 0xfffff80312345679n],
};

describe('parseDumpHeader', () => {
  it('reads code, parameters, build, kind, size and time', () => {
    const header = dumpHeader({ bugcheck, build: 26100, dumpType: 6, neededBytes: 0x1_2345_6000n });
    assert.deepEqual(parseDumpHeader(header), {
      ...{ bugcheck, build: 26100, processors: 2, kind: 'kernel (bitmap)' },
      ...{ neededBytes: 0x1_2345_6000n, crashedAt: '2024-01-17T21:20:00.000Z' },
    });
  });

  it('has no time where the header does not say one', () => {
    const unused = Buffer.from('PAGEPAGE', 'latin1').readBigUInt64LE(0);
    const header = parseDumpHeader(dumpHeader({ bugcheck, systemTime: unused }));
    assert.ok(typeof header === 'object');
    assert.equal(header.crashedAt, undefined);
  });

  it('says why something is no dump', () => {
    assert.equal(parseDumpHeader(Buffer.from('short')), '5 bytes, and the header of a dump has 8192');
    const other = dumpHeader({ bugcheck });
    other.write('PAGEDUMP', 0, 'latin1');
    assert.equal(parseDumpHeader(other), 'the dump of a 32-bit Windows');
    other.write('MDMP', 0, 'latin1');
    assert.match(parseDumpHeader(other) as string, /begins with "MDMPDUMP", and a dump with "PAGEDU64"/);
    const arm = dumpHeader({ bugcheck });
    arm.writeUInt32LE(0xaa64, 0x30);
    assert.match(parseDumpHeader(arm) as string, /machine of type 0xaa64/);
  });

  it('never throws', () => {
    const bytes = fc.uint8Array({ minLength: 0, maxLength: 0x2100 });
    fc.assert(
      fc.property(bytes, fc.boolean(), (given, isDump) => {
        const buffer = Buffer.from(given);
        if (isDump && buffer.length >= 8) buffer.write('PAGEDU64', 0, 'latin1');
        parseDumpHeader(buffer);
      }),
    );
  });
});

describe('readDumpHeader', () => {
  it('reads the beginning of a file, and says so when it is too short', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'dump-header-'));
    try {
      writeFileSync(join(folder, 'MEMORY.DMP'), Buffer.concat([dumpHeader({ bugcheck }), Buffer.alloc(999)]));
      const header = await readDumpHeader(join(folder, 'MEMORY.DMP'));
      assert.ok(typeof header === 'object');
      assert.deepEqual(header.bugcheck, bugcheck);
      writeFileSync(join(folder, 'cut'), dumpHeader({ bugcheck }).subarray(0, 100));
      assert.match((await readDumpHeader(join(folder, 'cut'))) as string, /^100 bytes/);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
