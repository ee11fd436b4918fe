import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { bootGuest } from '../../lab/guest/boot-guest.ts';
import type { BootedGuest } from '../../lab/guest/guest.ts';
import { projectRoot } from '../../lab/project.ts';
import { prepareGuest } from '../../lab/run/prepare-guest.ts';

const TOOLS = [
  ...['bcdedit', 'fc', 'findstr', 'icacls', 'netsh', 'powercfg', 'powershell', 'savedump', 'schtasks', 'tar'],
  'verifier',
];
/** Wine prefers programs of its own where they have these names. */
const PREFIX = 'x';
const POLICY =
  'HKLM\\SYSTEM\\CurrentControlSet\\Services\\SharedAccess\\Parameters\\FirewallPolicy\\PublicProfile';

describe("the stand-ins for Windows' programs, in the reference guest", function () {
  this.timeout(600_000);
  let scratch: string;
  let guest: BootedGuest;

  before(async () => {
    scratch = await mkdtemp(join(tmpdir(), 'wsklab-tools-'));
    await execa('make', ['-s', '-C', join(projectRoot, 'images/stand-in/tools'), `BUILD=${scratch}`]);
    const { guest: image } = await prepareGuest('reference');
    guest = await bootGuest(image, { evidence: join(scratch, 'machine') });
    for (const name of [...TOOLS, 'certutil'])
      await guest.put(await readFile(join(scratch, `${name}.exe`)), `C:\\lab\\${PREFIX}${name}.exe`);
    await guest.put(Buffer.from('one'), 'C:\\lab\\one');
    await guest.put(Buffer.from('two'), 'C:\\lab\\two');
  });
  after(async () => {
    await guest?.[Symbol.asyncDispose]();
    await rm(scratch, { recursive: true });
  });

  /** Of each command line, one after the other in one cmd.exe, as a start of it takes long. */
  async function exitCodes(commands: readonly string[]): Promise<number[]> {
    const lines = commands.flatMap((command) => [
      `C:\\lab\\${PREFIX}${command} >nul 2>&1`,
      'echo %errorlevel%',
    ]);
    await guest.put(Buffer.from(['@echo off', ...lines, ''].join('\r\n')), 'C:\\lab\\commands.cmd');
    const { stdout } = await guest.exec('cmd.exe /d /c C:\\lab\\commands.cmd', { timeoutMs: 300_000 });
    return stdout.trim().split(/\s+/).map(Number);
  }
  const said = async (command: string): Promise<string> =>
    (await guest.exec(`cmd.exe /d /c ${command}`)).stdout;

  it('refuse an argument that is wrong, missing, or too many', async () => {
    const refused = [
      ...['bcdedit.exe /set {default} testsigning on', 'bcdedit.exe /set {current} testsigning maybe'],
      ...['bcdedit.exe /set {current} testsiging on', 'bcdedit.exe /timeout soon', 'bcdedit.exe'],
      ...['bcdedit.exe /debug perhaps', 'bcdedit.exe /dbgsettings serial debugport:x baudrate:115200'],
      ...[
        'fc.exe C:\\lab\\one C:\\lab\\one',
        'findstr.exe /x one',
        'icacls.exe C:\\lab\\one /grant Everyone:F',
      ],
      'icacls.exe C:\\lab\\none /inheritance:r /grant *S-1-5-32-544:F /grant *S-1-5-18:F',
      ...[
        'netsh.exe advfirewall set allprofiles state maybe',
        'netsh.exe interface ipv4 show addresses "Other"',
      ],
      ...['powercfg.exe /change monitor-timeout-ac never', 'powercfg.exe /hibernate', 'tar.exe -xf a.zip'],
      'schtasks.exe /create /tn wsklab-agent /sc onstart /ru SYSTEM /rl highest /tr a.exe',
      ...['schtasks.exe /query /tn none', 'powershell.exe -NoProfile -Command "exit 0"'],
      'powershell.exe -NoProfile -NonInteractive -ExecutionPolicy Bypass -Command "exit 0"',
      ...[
        'certutil.exe -addstore -f Root C:\\lab\\one',
        'certutil.exe -store My lab',
        'certutil.exe -store Root none',
      ],
      ...['verifier.exe', 'verifier.exe /standard /all', 'verifier.exe /flags 0x209bb'],
      ...['verifier.exe /flags 0x2z /driver a.sys', 'verifier.exe /flags 0x40 /driver a.sys'],
      ...['verifier.exe /flags 0x1 /driver *.sys', 'verifier.exe /flags 0x1 /driver a', 'savedump.exe now'],
    ];
    const codes = await exitCodes(refused);
    assert.equal(codes.length, refused.length);
    assert.deepEqual(
      refused.filter((_, at) => codes[at] === 0),
      [],
    );
  });

  it('tell by their exit code whether files are the same, and whether a line matches', async () => {
    const found = (text: string, pattern: string) =>
      `fc.exe /b C:\\lab\\one C:\\lab\\two | C:\\lab\\${PREFIX}findstr.exe ${text} ${pattern}`;
    const codes = await exitCodes([
      'fc.exe /b C:\\lab\\one C:\\lab\\one',
      'fc.exe /b C:\\lab\\one C:\\lab\\two',
      'fc.exe /b C:\\lab\\one C:\\lab\\none',
      found('/i /r', '"THE.*differ"'),
      found('/r', '"THE.*differ"'),
      found('/i /r', '"the.*same"'),
    ]);
    assert.deepEqual(codes, [0, 1, 2, 0, 1, 1]);
  });

  it('give back what they were told', async () => {
    const boot = ['testsigning on', 'recoveryenabled no', 'bootstatuspolicy ignoreallfailures'];
    const create = 'schtasks.exe /create /f /tn lab /sc onstart /ru SYSTEM /rl highest /tr';
    const told = [
      ...boot.map((each) => `bcdedit.exe /set {current} ${each}`),
      ...['bcdedit.exe /debug on', 'bcdedit.exe /dbgsettings serial debugport:3 baudrate:115200'],
      'netsh.exe advfirewall set allprofiles state on',
      `${create} "C:\\lab\\agent.exe \\\\.\\COM2"`,
      'schtasks.exe /query /tn lab',
    ];
    assert.deepEqual(
      await exitCodes(told),
      told.map(() => 0),
    );
    assert.match(
      await said(`C:\\lab\\${PREFIX}bcdedit.exe /enum {current}`),
      /testsigning +Yes\r\nrecoveryenabled +No\r\ndebug +Yes\r\nbootstatuspolicy +IgnoreAllFailures/,
    );
    assert.match(await said(`reg.exe query ${POLICY} /v EnableFirewall`), /REG_DWORD +0x1/);
    const task = await guest.read('C:\\windows\\system32\\tasks\\lab');
    assert.equal(task.toString().trimEnd(), 'C:\\lab\\agent.exe \\\\.\\COM2');
  });

  it("keep Driver Verifier's settings for the next start, and forget them", async () => {
    const ask = (about: string) => said(`C:\\lab\\${PREFIX}verifier.exe ${about}`);
    assert.deepEqual(
      await exitCodes(['verifier.exe /reset', 'verifier.exe /flags 0x209bb /driver echo.sys wsktr.sys']),
      [0, 2],
    );
    const kept = await ask('/querysettings');
    assert.match(kept, /^Verifier Flags: 0x000209bb\r$[^]*\[X\] 0x00000001[^]*\[ \] 0x00000004/m);
    assert.match(kept, /Verified Drivers:\s+echo\.sys\s+wsktr\.sys\s+$/);
    assert.match(await ask('/query'), /^\s*No drivers are currently verified\.\s*$/);
    const key = '"HKLM\\SYSTEM\\CurrentControlSet\\Control\\Session Manager\\Memory Management"';
    const stored = await said(`reg.exe query ${key}`);
    assert.match(stored, /VerifyDriverLevel +REG_DWORD +0x209bb/);
    assert.match(stored, /VerifyDrivers +REG_SZ +echo\.sys wsktr\.sys/);
    assert.deepEqual(await exitCodes(['verifier.exe /reset', 'verifier.exe /reset']), [2, 0]);
    assert.match(await ask('/querysettings'), /Flags: 0x00000000[^]*Verified Drivers:\s+None/);
  });

  it('find a certificate in the store that it was put into, and in no other', async () => {
    const find = (store: string) => `certutil.exe -store ${store} "wsklab test driver signing"`;
    const add = 'certutil.exe -addstore -f TrustedPublisher C:\\lab\\trusted\\lab.cer';
    const codes = await exitCodes([find('TrustedPublisher'), add, find('TrustedPublisher'), find('Root')]);
    assert.deepEqual(
      codes.map((code) => code === 0),
      [false, true, true, false],
    );
  });
});
