import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readGuest, writeGuestData } from './installed-image.ts';

describe('an installed image', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'wsklab-installed-'));
    await writeGuestData(folder, {
      ...{ capabilities: [], cpu: { kvm: ['host', 'max'], tcg: 'max' }, cores: 2, memoryMiB: 4096 },
      ...{ bootTimeoutMs: { kvm: 1, tcg: 2 }, user: 'lab' },
    });
    await writeFile(join(folder, 'host_key.pub'), 'ssh-ed25519 AAAAC3 nt authority\\system@WSKLAB\n');
    await writeFile(join(folder, 'login_key'), 'a key');
  });
  afterEach(() => rm(folder, { recursive: true }));

  it('is a guest whose machine goes on when it restarts: after a crash, or to switch its debugger on', async () => {
    assert.equal((await readGuest('a guest', folder)).onReboot, 'reset');
  });

  it("has the server's key without the name of who made it, and its own firmware", async () => {
    const guest = await readGuest('a guest', folder);
    assert.deepEqual(guest.ssh, { user: 'lab', privateKey: 'a key', hostKey: 'ssh-ed25519 AAAAC3' });
    assert.deepEqual(guest.boot, { kind: 'uefi', code: join(folder, 'firmware.fd') });
  });
});
