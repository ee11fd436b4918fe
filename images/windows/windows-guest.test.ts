import assert from 'node:assert/strict';
import { chmod, writeFile } from 'node:fs/promises';
import { LabError } from '../../lab/errors.ts';
import { MediumFolder, type MediumImage } from '../../lab/image/windows-medium.fixture.ts';
import { isRoot } from '../../lab/machine/launch.ts';
import { windowsGuest } from './windows-guest.ts';
import type { WindowsName } from './windows-version.ts';

const SERVER: MediumImage = { name: 'Server', editionId: 'ServerStandardEval' };
const INPUTS = {};

/** Opens the medium with these editions as that guest; the zip of OpenSSH is another file. */
async function refusal(name: WindowsName, images: MediumImage[], more: object = {}): Promise<LabError> {
  await using medium = await MediumFolder.create();
  await medium.putWim('sources/install.wim', images);
  const iso = await medium.udf();
  await writeFile(medium.path('OpenSSH-Win64.zip'), 'not the release');
  return await windowsGuest(name)
    .open({ iso, ...more }, INPUTS)
    .then(
      () => assert.fail('it should be refused'),
      (error: unknown) => error as LabError,
    );
}

describe('a Windows guest to be', () => {
  it('needs a medium, and says how to give it', async () => {
    await assert.rejects(windowsGuest('windows-11-24h2').open({}, INPUTS), (error: LabError) => {
      assert.equal(error.code, 'LAB_MEDIUM_NEEDED');
      assert.match(error.next!, /image build windows-11-24h2 --iso FILE/);
      return true;
    });
  });

  it('refuses the medium of another version, and names the guest that it is for', async () => {
    const error = await refusal('windows-server-2022', [{ ...SERVER, build: 26100 }]);
    assert.equal(error.code, 'LAB_ISO_VERSION');
    assert.match(error.message, /installs 'Server', build 26100, and windows-server-2022 is build 20348/);
    assert.match(error.next!, /image build windows-server-2025 --iso/);
  });

  it('tells a client of the same build from a server', async () => {
    const client = { name: 'Enterprise', editionId: 'EnterpriseS', build: 26100 };
    assert.match((await refusal('windows-server-2025', [client])).next!, /windows-11-24h2/);
  });

  it('takes Windows 10 22H2 for what its media call it', async () => {
    const client = { name: 'Enterprise', editionId: 'EnterpriseEval', build: 19041 };
    assert.equal((await refusal('windows-10-22h2', [client])).code, 'LAB_OPENSSH_HASH');
  });

  it('refuses an OpenSSH that it does not know, and an edition that is not there', async () => {
    assert.equal((await refusal('windows-server-2022', [SERVER])).code, 'LAB_OPENSSH_HASH');
    const missing = await refusal('windows-server-2022', [SERVER], { openSsh: '/nowhere.zip' });
    assert.equal(missing.code, 'LAB_OPENSSH_MISSING');
  });

  it('says which medium QEMU could not read', async function () {
    if (!isRoot) this.skip();
    await using medium = await MediumFolder.create();
    await medium.putWim('sources/install.wim', [SERVER]);
    const iso = await medium.udf();
    await chmod(iso, 0o600);
    await assert.rejects(windowsGuest('windows-server-2022').open({ iso }, INPUTS), { code: 'LAB_ISO_READ' });
  });
});
