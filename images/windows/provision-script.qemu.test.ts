import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bootGuest } from '../../lab/guest/boot-guest.ts';
import type { BootedGuest } from '../../lab/guest/guest.ts';
import { projectRoot } from '../../lab/project.ts';
import { prepareGuest } from '../../lab/run/prepare-guest.ts';
import { checkedScript, driverScript } from './provision-script.ts';
import { PROVISION_TOOLS } from './provision-steps.ts';

const KEY = String.raw`HKLM\Software\wsklab`;
const STEPS = {
  write: `call set-dword.cmd "${KEY}\\with blanks" Value 0x2a\n`,
  absent: `rem It was there, and then it was not.\ncall delete-value.cmd "${KEY}\\with blanks" Value\ncall delete-value.cmd "${KEY}\\with blanks" Value\n`,
  refused: `echo before\nreg.exe query ${KEY}\\none\necho not reached\n`,
  never: 'echo never\n',
};

describe("the scripts that provision Windows, in the reference guest's cmd.exe", function () {
  this.timeout(600_000);
  let scratch: string;
  let guest: BootedGuest;

  before(async () => {
    scratch = await mkdtemp(join(tmpdir(), 'wsklab-provision-'));
    const { guest: image } = await prepareGuest('reference');
    guest = await bootGuest(image, { evidence: join(scratch, 'machine') });
  });
  after(async () => {
    await guest?.[Symbol.asyncDispose]();
    await rm(scratch, { recursive: true });
  });

  const lab = (name: string): string => ['C:', 'lab', ...name.split('/')].join('\\');
  const put = (name: string, text: string) => guest.put(Buffer.from(text), lab(`medium/${name}`));
  const lines = async (name: string) =>
    (await guest.read(lab(name)))
      .toString()
      .split('\r\n')
      .map((each) => each.trim());

  /** Runs these steps; gives the exit code and what was told. */
  async function provision(steps: (keyof typeof STEPS)[], serial: string) {
    await guest.exec(`cmd.exe /d /c mkdir ${lab('medium')}`);
    // Behind one more sign: into a file, and not over what is there. A file named com1.txt would be the port.
    await put('provision.cmd', driverScript({ serial: `>${lab(serial)}`, steps, end: 'echo end' }));
    for (const step of steps) await put(`${step}.cmd`, checkedScript(STEPS[step], 'step'));
    for (const name of PROVISION_TOOLS) {
      const path = join(projectRoot, 'images/windows/provision/tools', `${name}.cmd`);
      await put(`${name}.cmd`, checkedScript(await readFile(path, 'utf8'), 'tool'));
    }
    const command = `cmd.exe /d /c ${lab('medium/provision.cmd')}`;
    const { exitCode } = await guest.exec(command, { timeoutMs: 180_000 });
    return { exitCode, told: (await lines(serial)).filter((each) => each.startsWith('wsklab')) };
  }

  it('run in order, tell how each ends, and stop at the first that fails', async () => {
    const { exitCode, told } = await provision(['write', 'absent', 'refused', 'never'], 'failed.txt');
    assert.notEqual(exitCode, 0);
    assert.deepEqual(told, [
      'wsklab stage provisioning',
      ...['wsklab step write begins', 'wsklab step write ok'],
      ...['wsklab step absent begins', 'wsklab step absent ok'],
      ...['wsklab step refused begins', 'wsklab step refused failed 1 at 2'],
      'wsklab stage failed',
    ]);
    const log = await lines('provision.log');
    assert.equal(log[0], 'before');
    assert.ok(!log.includes('not reached'));
  });

  it("tell the ssh server's key when all steps are done, and end with 0", async () => {
    const key = String.raw`ssh-ed25519 AAAAC3Nz/+x= nt authority\system@WSKLAB`;
    await guest.exec(String.raw`cmd.exe /d /c mkdir C:\ProgramData\ssh`);
    await guest.put(Buffer.from(`${key}\n`), String.raw`C:\ProgramData\ssh\ssh_host_ed25519_key.pub`);
    const { exitCode, told } = await provision(['write'], 'sealed.txt');
    assert.equal(exitCode, 0);
    assert.deepEqual(told.slice(-3), [
      'wsklab step write ok',
      `wsklab host-key ${key}`,
      'wsklab stage sealed',
    ]);
  });
});
