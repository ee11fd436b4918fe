/** A qcow2 overlay: the guest's writes go there, the file under it stays as it is. */
import { execa } from 'execa';
import { LabError } from '../errors.ts';
import type { DiskSettings } from './qemu-arguments.ts';

/** Creates `overlay` over the disk. qemu-img takes 15 ms; writing the header here would save 14 of them. */
export async function createOverlay(disk: DiskSettings, overlay: string): Promise<void> {
  const result = await execa(
    'qemu-img',
    ['create', '-q', '-f', 'qcow2', '-F', disk.format, '-b', disk.file, overlay],
    {
      reject: false,
      timeout: 30_000,
    },
  );
  if (!result.failed) return;
  const isMissing = result.code === 'ENOENT';
  const isFull = !isMissing && result.stderr.includes('No space left');
  const words = isMissing ? 'there is no qemu-img' : result.stderr;
  throw new LabError({
    code: isMissing ? 'LAB_QEMU_MISSING' : isFull ? 'LAB_DISK_FULL' : 'LAB_OVERLAY_FAILED',
    blame: 'host',
    message: `could not create the overlay '${overlay}' over '${disk.file}': ${words}`,
    next: isMissing
      ? 'install it: sudo apt-get install qemu-utils'
      : isFull
        ? `free space on the disk of '${overlay}'`
        : `check '${disk.file}', or build the image again`,
  });
}
