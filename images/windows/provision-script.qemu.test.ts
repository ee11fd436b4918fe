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

  const put = (name: string, text: string) =>
    guest.put(Buffer.from(text), String.raw`C:\lab\medium\ `.trim() + name);
  const lines = async (name: string) =>
    (await guest.read(String.raw`C:\lab\ `.trim() + name))
      .toString()
      .split('\r\n')
      .map((each) => each.trim());

  it('run in order, tell how each ends, and stop at the first that fails', async () => {
    // Behind one more sign: into a file, and not over what is there. A file named com1.txt would be the port.
    const serial = String.raw`>C:\lab\serial.txt`;
    await guest.exec(String.raw`cmd.exe /d /c mkdir C:\lab\medium`);
    await put('provision.cmd', driverScript({ serial, steps: Object.keys(STEPS), end: 'echo end' }));
    for (const [name, commands] of Object.entries(STEPS))
      await put(`${name}.cmd`, checkedScript(commands, 'step'));
    for (const name of PROVISION_TOOLS) {
      const path = join(projectRoot, 'images/windows/provision/tools', `${name}.cmd`);
      await put(`${name}.cmd`, checkedScript(await readFile(path, 'utf8'), 'tool'));
    }
    const result = await guest.exec(String.raw`cmd.exe /d /c C:\lab\medium\provision.cmd`, {
      timeoutMs: 180_000,
    });
    assert.notEqual(result.exitCode, 0);
    const told = (await lines('serial.txt')).filter((each) => each.startsWith('wsklab'));
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
});
