/** What a template is made of: whatever could make a guest other than the one that was saved. */
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { execa } from 'execa';
import { guestMachine, type MachinePlace } from '../guest/guest-machine.ts';
import type { GuestImage } from '../guest/guest-image.ts';
import { qemuArguments } from '../machine/qemu-arguments.ts';

/** Name and value of each part, in words or as a SHA-256. */
export type TemplateParts = Record<string, string>;

/** `contents`: what the caller puts into the guest before it is saved. */
export async function templateParts(
  image: GuestImage,
  imageDigest: string,
  place: Omit<MachinePlace, 'capture'>,
  contents: Readonly<Record<string, string>>,
): Promise<TemplateParts> {
  const settings = guestMachine(image, place);
  const { argv } = qemuArguments(settings);
  return {
    image: imageDigest,
    QEMU: await qemuVersion(argv[0]!),
    'machine arguments': createHash('sha256').update(JSON.stringify(argv)).digest('hex'),
    network: place.network.kind,
    // A guest that has seen a CPU's features goes on using them.
    ...(place.accelerator.accelerator === 'kvm' && { CPU: await hostCpu() }),
    ...Object.fromEntries(Object.entries(contents).map(([name, value]) => [`content ${name}`, value])),
  };
}

/** SHA-256, hex. */
export function templateKey(parts: TemplateParts): string {
  const sorted = Object.entries(parts).sort(([a], [b]) => (a < b ? -1 : 1));
  return createHash('sha256').update(JSON.stringify(sorted)).digest('hex');
}

/** Which parts are not the same, in words: 'QEMU was 7.2.21, is 7.2.22'. */
export function differences(made: TemplateParts, wanted: TemplateParts): string[] {
  const names = [...new Set([...Object.keys(made), ...Object.keys(wanted)])];
  return names
    .filter((name) => made[name] !== wanted[name])
    .map((name) => {
      const [was, is] = [made[name], wanted[name]];
      if (was === undefined) return `${name} is new`;
      if (is === undefined) return `${name} is gone`;
      return `${name} was ${shortened(was)}, is ${shortened(is)}`;
    });
}

function shortened(value: string): string {
  return /^[0-9a-f]{64}$/.test(value) ? value.slice(0, 16) : value;
}

async function qemuVersion(program: string): Promise<string> {
  const { stdout } = await execa(program, ['--version'], { reject: false, timeout: 10_000 });
  // The package's revision is in it: 'QEMU emulator version 7.2.22 (Debian 1:7.2+dfsg-7+deb12u18)'.
  return /version (.*)/.exec(stdout)?.[1] ?? 'unknown';
}

async function hostCpu(): Promise<string> {
  const text = await readFile('/proc/cpuinfo', 'utf8');
  const field = (name: string) => new RegExp(`^${name}\\s*: (.*)$`, 'm').exec(text)?.[1] ?? '';
  return `${field('model name')}, ${createHash('sha256').update(field('flags')).digest('hex')}`;
}
