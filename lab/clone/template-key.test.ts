import assert from 'node:assert/strict';
import type { GuestImage } from '../guest/guest-image.ts';
import { differences, templateKey, templateParts } from './template-key.ts';

const IMAGE = {
  ...{ name: 'tiny', capabilities: [], devices: 'virtio', cpu: { kvm: 'host', tcg: 'Nehalem' }, cores: 1 },
  ...{ memoryMiB: 64, boot: { kind: 'kernel', kernel: '/k', append: 'quiet' }, disks: [], onReboot: 'exit' },
  ssh: { user: 'lab', privateKey: '', hostKey: '' },
  bootTimeoutMs: { kvm: 1, tcg: 1 },
} as const satisfies GuestImage;
const TAP = { kind: 'tap', netdev: { kind: 'tap', interface: 'tap0' } } as const;
const USER = { kind: 'user', netdev: { kind: 'user' } } as const;
const TCG = { accelerator: 'tcg', cpu: 'Nehalem' } as const;

type Change = Partial<{
  image: GuestImage;
  digest: string;
  network: typeof TAP | typeof USER;
  contents: Record<string, string>;
}>;

async function parts({
  image = IMAGE,
  digest = 'd',
  network = TAP,
  contents = { driver: '1' },
}: Change = {}) {
  return await templateParts(image, digest, { accelerator: TCG, network }, contents);
}

describe("a template's key", () => {
  it('is the same for the same, in whatever order it is told', async () => {
    const made = await parts({ contents: { a: '1', b: '2' } });
    assert.equal(templateKey(made), templateKey(await parts({ contents: { b: '2', a: '1' } })));
  });

  const changes: Record<string, Change> = {
    'another image': { digest: 'e' },
    'more memory': { image: { ...IMAGE, memoryMiB: 65 } },
    'another command line': { image: { ...IMAGE, boot: { ...IMAGE.boot, append: 'loud' } } },
    'another kind of network': { network: USER },
    'another driver': { contents: { driver: '2' } },
    'a driver more': { contents: { driver: '1', other: '1' } },
  };
  for (const [name, change] of Object.entries(changes))
    it(`is another one with ${name}, and the difference can be said`, async () => {
      const [made, wanted] = [await parts(), await parts(change)];
      assert.notEqual(templateKey(made), templateKey(wanted));
      assert.notDeepEqual(differences(made, wanted), []);
    });

  it('knows which QEMU it is for', async () => {
    assert.match((await parts())['QEMU']!, /^\d+\.\d+\.\d+/);
  });

  it('says what was, what is, what is new and what is gone', () => {
    const long = 'a'.repeat(64);
    assert.deepEqual(differences({ QEMU: '7.2.1', x: '1', y: long }, { QEMU: '7.2.2', y: 'b', z: '1' }), [
      'QEMU was 7.2.1, is 7.2.2',
      'x is gone',
      'y was aaaaaaaaaaaaaaaa, is b',
      'z is new',
    ]);
  });
});
