import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { bootGuest } from '../../lab/guest/boot-guest.ts';
import type { BootedGuest } from '../../lab/guest/guest.ts';
import { projectRoot } from '../../lab/project.ts';
import { prepareGuest } from '../../lab/run/prepare-guest.ts';

const TOOLS = ['bcdedit', 'fc', 'findstr', 'icacls', 'netsh', 'powercfg', 'powershell', 'schtasks', 'tar'];
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

  async function exitCode(command: string): Promise<number | undefined> {
    return (await guest.exec(`cmd.exe /d /c C:\\lab\\${PREFIX}${command}`)).exitCode;
  }

  it('refuse an argument that is wrong, missing, or too many', async () => {
    const refused = [
      ...['bcdedit.exe /set {default} testsigning on', 'bcdedit.exe /set {current} testsigning maybe'],
      ...['bcdedit.exe /set {current} testsiging on', 'bcdedit.exe /timeout soon', 'bcdedit.exe'],
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
    ];
    for (const command of refused) assert.notEqual(await exitCode(command), 0, command);
  });

  it('tell by their exit code whether files are the same, and whether a line matches', async () => {
    assert.equal(await exitCode('fc.exe /b C:\\lab\\one C:\\lab\\one'), 0);
    assert.equal(await exitCode('fc.exe /b C:\\lab\\one C:\\lab\\two'), 1);
    assert.equal(await exitCode('fc.exe /b C:\\lab\\one C:\\lab\\none'), 2);
    const found = (text: string, pattern: string) =>
      guest.exec(`cmd.exe /d /c echo ${text}| C:\\lab\\${PREFIX}findstr.exe /i /r "${pattern}"`);
    assert.equal((await found('testsigning   Yes', 'TestSigning.*yes')).exitCode, 0);
    assert.equal((await found('testsigning   No', 'testsigning.*Yes')).exitCode, 1);
  });

  it('give back what they were told', async () => {
    for (const command of ['testsigning on', 'recoveryenabled no', 'bootstatuspolicy ignoreallfailures'])
      assert.equal(await exitCode(`bcdedit.exe /set {current} ${command}`), 0);
    const { stdout } = await guest.exec(`cmd.exe /d /c C:\\lab\\${PREFIX}bcdedit.exe /enum {current}`);
    assert.match(stdout, /testsigning +Yes\r\nrecoveryenabled +No\r\nbootstatuspolicy +IgnoreAllFailures/);
    for (const [state, value] of [
      ['on', '0x1'],
      ['off', '0x0'],
    ] as const) {
      assert.equal(await exitCode(`netsh.exe advfirewall set allprofiles state ${state}`), 0);
      const { stdout: policy } = await guest.exec(`reg.exe query ${POLICY} /v EnableFirewall`);
      assert.match(policy, new RegExp(`REG_DWORD +${value}`));
    }
    const create = 'schtasks.exe /create /f /tn lab /sc onstart /ru SYSTEM /rl highest /tr';
    assert.equal(await exitCode(`${create} "C:\\lab\\agent.exe \\\\.\\COM2"`), 0);
    assert.equal(await exitCode('schtasks.exe /query /tn lab'), 0);
    const task = await guest.read('C:\\windows\\system32\\tasks\\lab');
    assert.equal(task.toString(), 'C:\\lab\\agent.exe \\\\.\\COM2\n');
  });

  it('find a certificate in the store that it was put into, and in no other', async () => {
    const certificate = 'C:\\lab\\trusted\\lab.cer';
    const subject = '"wsklab test driver signing"';
    assert.notEqual(await exitCode(`certutil.exe -store TrustedPublisher ${subject}`), 0);
    assert.equal(await exitCode(`certutil.exe -addstore -f TrustedPublisher ${certificate}`), 0);
    assert.equal(await exitCode(`certutil.exe -store TrustedPublisher ${subject}`), 0);
    assert.notEqual(await exitCode(`certutil.exe -store Root ${subject}`), 0);
  });
});
