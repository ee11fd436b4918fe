/** Files that disks are in, made and turned back by qemu-img while no machine has them open. */
import { execa } from 'execa';
import { LabError } from '../errors.ts';

/** An empty disk, qcow2. */
export async function createDisk(file: string, sizeMiB: number): Promise<void> {
  await qemuImage(['create', '-q', '-f', 'qcow2', file, `${sizeMiB}M`], `create the disk '${file}'`);
}

/** A qcow2 copy of a raw file. */
export async function copyToQcow2(raw: string, file: string): Promise<void> {
  await qemuImage(['convert', '-f', 'raw', '-O', 'qcow2', raw, file], `copy '${raw}' to '${file}'`);
}

/** Notes the disk's content under a name, in the file itself. */
export async function noteContent(file: string, name: string): Promise<void> {
  await qemuImage(['snapshot', '-q', '-c', name, file], `note the content of '${file}'`);
}

/** Turns the disk back to what it was when its content was noted. */
export async function turnBack(file: string, name: string): Promise<void> {
  await qemuImage(['snapshot', '-q', '-a', name, file], `turn '${file}' back to '${name}'`);
}

export async function forgetContent(file: string, name: string): Promise<void> {
  await qemuImage(['snapshot', '-q', '-d', name, file], `forget '${name}' of '${file}'`);
}

/** Rejects with LAB_QEMU_MISSING, LAB_DISK_FULL, or `code` with what qemu-img said. */
export async function qemuImage(
  args: readonly string[],
  what: string,
  { code = 'LAB_DISK_IMAGE', next }: { code?: `LAB_${string}`; next?: string } = {},
): Promise<void> {
  const result = await execa('qemu-img', args, { reject: false, timeout: 300_000 });
  if (!result.failed) return;
  const isMissing = result.code === 'ENOENT';
  const isFull = !isMissing && result.stderr.includes('No space left');
  const advice = isMissing
    ? 'install it: sudo apt-get install qemu-utils'
    : isFull
      ? 'free space on that disk'
      : next;
  throw new LabError({
    code: isMissing ? 'LAB_QEMU_MISSING' : isFull ? 'LAB_DISK_FULL' : code,
    blame: 'host',
    message: `could not ${what}: ${isMissing ? 'there is no qemu-img' : result.stderr}`,
    ...(advice !== undefined && { next: advice }),
  });
}
