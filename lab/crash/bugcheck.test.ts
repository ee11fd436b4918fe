import assert from 'node:assert/strict';
import { bugcheckText, explainBugcheck, type Bugcheck } from './bugcheck.ts';
import { BUGCHECKS } from './bugcheck-codes.ts';

const bugcheck = (code: number, ...parameters: bigint[]): Bugcheck => {
  const [a = 0n, b = 0n, c = 0n, d = 0n] = parameters;
  return { code, parameters: [a, b, c, d] };
};

describe('explainBugcheck', () => {
  it('says what a driver touched, how, where from and at which IRQL', () => {
    assert.deepEqual(explainBugcheck(bugcheck(0xd1, 0x10n, 2n, 1n, 0xfffff80312345678n)), {
      title: '0xD1 DRIVER_IRQL_NOT_LESS_OR_EQUAL',
      means:
        'a driver touched memory that is paged out, freed or not there, at an IRQL at which no page fault is allowed',
      parameters: [
        'address that was touched: 0x0000000000000010',
        'IRQL: 2 (DISPATCH_LEVEL)',
        'access: write',
        'code that touched it: 0xfffff80312345678',
      ],
      isVerifier: false,
      blame: 'driver',
    });
  });

  it('names the exception, also of a status that was extended by its sign', () => {
    const { parameters } = explainBugcheck(bugcheck(0x7e, 0xffffffffc0000005n, 0xfffff80000001000n));
    assert.equal(parameters[0], 'exception: 0xC0000005 (access violation)');
  });

  it('names what a fail-fast found', () => {
    const { parameters } = explainBugcheck(bugcheck(0x139, 3n));
    assert.match(parameters[0] ?? '', /LIST_ENTRY is corrupted/);
  });

  it("gives Driver Verifier's rule for the first parameter", () => {
    const leak = explainBugcheck(bugcheck(0xc4, 0x62n, 0xffff800000001000n, 0n, 3n));
    assert.equal(leak.isVerifier, true);
    assert.equal(leak.means, 'the driver was unloaded and had not freed all its pool');
    assert.deepEqual(leak.parameters, [
      'rule: 0x62',
      'name of the driver at: 0xffff800000001000',
      'blocks that were not freed: 3',
    ]);
    assert.match(explainBugcheck(bugcheck(0xc9, 0x0en, 2n)).means, /IoCompleteRequest was called above/);
    assert.match(explainBugcheck(bugcheck(0xc4, 0x20005n)).means, /DDI compliance/);
  });

  it('takes the kind of special pool corruption from the fourth parameter', () => {
    assert.match(explainBugcheck(bugcheck(0xc1, 1n, 2n, 3n, 0x24n)).means, /behind the block/);
  });

  it('says so when it has no words, and keeps the numbers', () => {
    const { title, parameters, means } = explainBugcheck(bugcheck(0x1234, 0xffff_ffff_ffff_ffffn));
    assert.equal(title, '0x1234 a code that the lab has no words for');
    assert.deepEqual(parameters, ['parameter 1: 0xffffffffffffffff']);
    assert.match(means, /look it up/);
    assert.match(explainBugcheck(bugcheck(0xc4, 0xfeedn)).means, /no words for/);
    assert.match(explainBugcheck(bugcheck(0xc4, 2n ** 64n - 1n)).means, /no words for/);
  });

  it('knows the code of a saved crash', () => {
    assert.match(explainBugcheck(bugcheck(0x1000007e)).title, /^0x1000007E SYSTEM_THREAD_EXCEPTION/);
  });

  it('does not hold a clock or the hardware against the driver', () => {
    assert.equal(explainBugcheck(bugcheck(0x101)).blame, 'guest');
    assert.equal(explainBugcheck(bugcheck(0x124)).blame, 'guest');
  });

  it('has words of its own for every code of its table', () => {
    for (const [code, { name, means, parameters }] of Object.entries(BUGCHECKS)) {
      assert.match(name, /^[A-Z][A-Z0-9_]+$/, code);
      assert.match(means, /^[^A-Z].*[^.]$|^Driver Verifier.*[^.]$|^Windows.*[^.]$/, code);
      assert.ok(parameters.length === 0 || parameters.length === 4, `${name} has ${parameters.length}`);
    }
    assert.ok(Object.keys(BUGCHECKS).length >= 40);
  });

  it('writes a bugcheck as debuggers do, all 64 bits of it', () => {
    assert.equal(
      bugcheckText(bugcheck(0xd1, 0xfffff80312345679n, 2n)),
      '0xD1 (0xfffff80312345679, 0x0000000000000002, 0x0000000000000000, 0x0000000000000000)',
    );
  });
});
