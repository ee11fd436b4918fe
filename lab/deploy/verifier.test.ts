import assert from 'node:assert/strict';
import type { ExecResult } from '../guest/ssh.ts';
import { armVerifier, flagsOf, requireArmed, verifierText } from './verifier.ts';

const settings = { flags: flagsOf('standard'), drivers: ['echo.sys', 'wsktr.sys'] };

/** A guest of which only the answers of verifier.exe matter; their form is its documentation's. */
function guestThat(answer: Partial<ExecResult>, has = true) {
  const commands: string[] = [];
  const findings = [{ name: 'verifier' as const, has, why: 'exit code 9009' }];
  const result = { stdout: '', stderr: '', exitCode: 0, signal: undefined, truncated: false, ...answer };
  return {
    ...{ name: 'some', findings, commands, has: () => has },
    exec: (command: string) => {
      commands.push(command);
      return Promise.resolve(result);
    },
  };
}

const inForce = (flags: string, ...drivers: string[]) =>
  `Verifier Flags: ${flags}\r\n\r\n  Standard Flags:\r\n\r\nVerified Drivers:\r\n\r\n${drivers.map((name) => `  ${name}\r\n`).join('')}`;

describe("Driver Verifier's settings", () => {
  it('are the documented numbers', () => {
    assert.equal(flagsOf('standard'), 0x209bb);
    assert.equal(flagsOf('off'), 0);
    assert.equal(flagsOf(['io', 'invariant-mdl']), 0x4010);
    assert.equal(verifierText(settings), '0x000209bb for echo.sys, wsktr.sys');
  });

  it('are set for the next start, which exit code 2 asks for', async () => {
    const guest = guestThat({ exitCode: 2 });
    await armVerifier(guest, settings);
    assert.deepEqual(guest.commands, ['verifier /flags 0x000209bb /driver echo.sys wsktr.sys']);
    await assert.rejects(armVerifier(guestThat({ exitCode: 1, stdout: 'Access is denied.' }), settings), {
      code: 'LAB_VERIFIER_NOT_ARMED',
      message: 'Driver Verifier is not armed: verifier.exe ended with exit code 1: Access is denied.',
    });
  });

  it('are refused by a guest without it, which is no fault of the guest', async () => {
    await assert.rejects(armVerifier(guestThat({}, false), settings), {
      code: 'LAB_VERIFIER_UNAVAILABLE',
      blame: 'usage',
      message: "guest 'some' has no Driver Verifier: exit code 9009",
    });
  });

  it('count as in force only with every flag and every driver', async () => {
    await requireArmed(guestThat({ stdout: inForce('0x000209BB', 'ECHO.SYS', 'wsktr.sys') }), settings);
    const lacking = [inForce('0x000209BB', 'echo.sys'), inForce('0x00000001', 'echo.sys', 'wsktr.sys'), ''];
    for (const stdout of lacking)
      await assert.rejects(requireArmed(guestThat({ stdout }), settings), { code: 'LAB_VERIFIER_NOT_ARMED' });
  });
});
