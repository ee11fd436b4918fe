import assert from 'node:assert/strict';
import { readLicence, readVersion } from './first-start.ts';

/** As `reg query` of Windows prints it; this one was written by hand. */
const VERSION = [
  '',
  String.raw`HKEY_LOCAL_MACHINE\SOFTWARE\Microsoft\Windows NT\CurrentVersion`,
  '    CurrentBuild    REG_SZ    20348',
  '    CurrentBuildNumber    REG_SZ    20348',
  '    EditionID    REG_SZ    ServerStandardEval',
  '    ProductName    REG_SZ    Windows Server 2022 Standard Evaluation',
  '    UBR    REG_DWORD    0x24b',
  '',
].join('\r\n');
const NOW = new Date('2026-11-22T12:00:00Z');
const licence = (now: string, status: number, minutes: number, over = '1601-01-01T00:00:00.0000000Z') =>
  `now ${now}\r\nstatus ${status}\r\nminutes ${minutes}\r\nover ${over}\r\n`;
const SAME = '2026-11-22T12:00:07.1234567Z';

describe('what a sealed guest says of itself', () => {
  it('is its build with the updates in it, and its edition', () => {
    assert.deepEqual(readVersion(VERSION), { build: '20348.587', edition: 'ServerStandardEval' });
    assert.throws(() => readVersion('ERROR: The system was unable to find'), { code: 'LAB_GUEST_FACTS' });
  });

  it('is how its licence stands, and when that ends, or that nothing does', () => {
    const over = '2027-05-21T12:00:00.0000000Z';
    assert.deepEqual(readLicence(licence(SAME, 1, 259_200, over), NOW), {
      licence: 'licensed',
      expiresAt: '2027-05-21T12:00:00.000Z',
    });
    assert.deepEqual(readLicence(licence(SAME, 1, 0), NOW), { licence: 'licensed' });
    assert.throws(() => readLicence('Get-CimInstance : Access denied', NOW), { code: 'LAB_GUEST_FACTS' });
  });

  it('is that it wants to be activated, where it does', () => {
    assert.deepEqual(readLicence(licence(SAME, 5, 0, '2027-01-01T00:00:00Z'), NOW), {
      licence: 'notification',
    });
  });

  it('is refused when its evaluation was over before it was installed', () => {
    assert.throws(() => readLicence(licence(SAME, 5, 0, '2026-11-01T00:00:00Z'), NOW), {
      code: 'LAB_WINDOWS_EXPIRED',
      message: /its evaluation was over on 2026-11-01/,
    });
  });

  it('is refused when its clock is years off, with both times', () => {
    assert.throws(() => readLicence(licence('2019-01-01T00:00:00Z', 1, 100), NOW), {
      code: 'LAB_GUEST_CLOCK',
      message: /2019-01-01T00:00:00Z, and the host's 2026-11-22T12:00:00\.000Z: -2882 days/,
    });
  });
});
