import assert from 'node:assert/strict';
import type { ExecResult } from '../guest/ssh.ts';
import { armVerifier, flagsOf, requireArmed, verifierText } from './verifier.ts';

const settings = { flags: flagsOf('standard'), drivers: ['echo.sys', 'wsktr.sys'] };

/** What verifier.exe says, whatever it is asked, or by what it is asked. */
type Says = string | Record<string, string>;

/** A guest of which only the answers of verifier.exe matter; their form is its documentation's. */
function guestThat({ says = '', ...answer }: Partial<ExecResult> & { says?: Says }, has = true) {
  const commands: string[] = [];
  const findings = [{ name: 'verifier' as const, has, why: 'exit code 9009' }];
  const result = { stdout: '', stderr: '', exitCode: 0, signal: undefined, truncated: false, ...answer };
  return {
    ...{ name: 'some', findings, commands, has: () => has },
    exec: (command: string) => {
      commands.push(command);
      const stdout = typeof says === 'string' ? says : (says[command.split(' ')[1]!] ?? '');
      return Promise.resolve({ ...result, stdout });
    },
  };
}

const flagsText = (flags: string) => `Verifier Flags: ${flags}\r\n\r\n  Standard Flags:\r\n\r\n`;
/** As after a start that took the settings: what /query and /querysettings say. */
const inForce = (flags: string, ...drivers: string[]): Says => ({
  '/query': flagsText(flags) + drivers.map((name) => `MODULE: ${name} (load: 1 / unload: 0)\r\n`).join(''),
  '/querysettings': `${flagsText(flags)}Verified Drivers:\r\n\r\n${drivers.map((name) => `  ${name}\r\n`).join('')}`,
});

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
    await assert.rejects(armVerifier(guestThat({ exitCode: 1, says: 'Access is denied.' }), settings), {
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
    await requireArmed(guestThat({ says: inForce('0x000209BB', 'ECHO.SYS', 'wsktr.sys') }), settings);
    const lacking = [inForce('0x000209BB', 'echo.sys'), inForce('0x00000001', 'echo.sys', 'wsktr.sys'), ''];
    for (const says of lacking)
      await assert.rejects(requireArmed(guestThat({ says }), settings), { code: 'LAB_VERIFIER_NOT_ARMED' });
  });

  it('are not in force before the next start, whatever is kept for it', async () => {
    const kept = inForce('0x000209bb', 'echo.sys', 'wsktr.sys') as Record<string, string>;
    const says = { ...kept, '/query': 'No drivers are currently verified.\r\n' };
    await assert.rejects(requireArmed(guestThat({ says }), settings), {
      code: 'LAB_VERIFIER_NOT_ARMED',
      message: /in force are 0x00000000$/,
    });
    await requireArmed(guestThat({ says: { ...kept, '/query': flagsText('0x000209bb') } }), settings);
  });
});
