/** What is in the folder of an installed image, and how the lab boots it. */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import type { ImageFacts } from '../../lab/image/image-recipe.ts';
import type { GuestImage } from '../../lab/guest/guest-image.ts';

/** From the sealed disk to the lab's key for it; all that the image keeps. */
export const IMAGE_FILES = [
  'disk.qcow2',
  'variables.qcow2',
  'firmware.fd',
  'guest.json',
  'facts.json',
  'host_key.pub',
  'login_key',
  'password',
] as const;

const byAccelerator = <Value extends z.ZodType>(value: Value) => z.object({ kvm: value, tcg: value });

const guestDataSchema = z.object({
  capabilities: z.array(z.string()),
  /** For `-cpu`; see CpuModels. */
  cpu: byAccelerator(z.union([z.string(), z.array(z.string()).readonly()])),
  cores: z.int(),
  memoryMiB: z.int(),
  bootTimeoutMs: byAccelerator(z.int()),
  /** Who logs in by ssh. */
  user: z.string(),
});
/** In guest.json: what one installed guest has, and another has not. */
export type GuestData = z.output<typeof guestDataSchema>;

export async function writeGuestData(folder: string, guest: GuestData): Promise<void> {
  await writeFile(join(folder, 'guest.json'), `${JSON.stringify(guest, undefined, 2)}\n`);
}

export async function readFacts(folder: string): Promise<ImageFacts> {
  return JSON.parse(await readFile(join(folder, 'facts.json'), 'utf8')) as ImageFacts;
}

export async function readGuest(name: string, folder: string): Promise<GuestImage> {
  const inside = (file: (typeof IMAGE_FILES)[number]) => join(folder, file);
  const { user, ...guest } = guestDataSchema.parse(JSON.parse(await readFile(inside('guest.json'), 'utf8')));
  const hostKey = await readFile(inside('host_key.pub'), 'utf8');
  return {
    // After a crash Windows restarts, and hands over its dump then.
    ...{ name, ...guest, devices: 'baseline', onReboot: 'reset' },
    boot: { kind: 'uefi', code: inside('firmware.fd') },
    disks: [{ file: inside('disk.qcow2'), format: 'qcow2' }],
    variables: { file: inside('variables.qcow2'), format: 'qcow2' },
    ssh: {
      user,
      privateKey: await readFile(inside('login_key'), 'utf8'),
      // Type and key; what follows names who made it.
      hostKey: hostKey.trim().split(/\s+/).slice(0, 2).join(' '),
    },
  };
}
