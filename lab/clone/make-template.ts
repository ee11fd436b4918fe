/** Boots the guest of a template, has it got ready, and saves it: RAM, device state, disk overlays, manifest. */
import { chmod, chown, mkdir, open, rm, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { execa } from 'execa';
import { bootGuest, type BootOptions } from '../guest/boot-guest.ts';
import type { CapabilityFinding } from '../guest/capabilities.ts';
import type { BootedGuest } from '../guest/guest.ts';
import { BuildFolder } from '../image/build-folder.ts';
import { diskFull, hasNoSpace, isDiskFull, requireSpace } from '../image/disk-space.ts';
import type { AcceleratorChoice } from '../machine/accelerator.ts';
import { isRoot, QEMU_UID } from '../machine/launch.ts';
import { within } from '../machine/deadline.ts';
import { saveState } from '../machine/migration.ts';
import { createOverlay } from '../machine/overlay.ts';
import type { DiskSettings, MachineSettings } from '../machine/qemu-arguments.ts';
import type { GuestNetwork } from '../network/guest-network.ts';
import { fileDigest } from '../image/file-digest.ts';
import type { TemplateOptions } from './template.ts';
import type { TemplateParts } from './template-key.ts';
import {
  diskName,
  KERNEL_HEAD,
  readTemplate,
  templateFolder,
  templateFolders,
  VARIABLES,
  writeTemplateManifest,
  type StoredTemplate,
} from './template-store.ts';

export interface TemplatePlace {
  key: string;
  parts: TemplateParts;
  accelerator: AcceleratorChoice;
  network: Pick<GuestNetwork, 'kind'>;
}

/** For a guest to end in order, on a slow host. */
const SHUTDOWN_MS = 300_000;
/** What the guest writes to its disks before it is saved, at most. */
const DISK_MIB = 256;

export async function makeTemplate(options: TemplateOptions, place: TemplatePlace): Promise<StoredTemplate> {
  const { image, signal } = options;
  const { building } = templateFolders();
  await mkdir(building, { recursive: true, mode: 0o700 });
  const neededMiB = image.memoryMiB + DISK_MIB;
  await requireSpace(building, neededMiB);
  await using work = await BuildFolder.create(building);
  try {
    const build = new TemplateBuild(options, place, work);
    const overlays = await build.save();
    const manifest = {
      ...{ image: image.name, imageDigest: options.imageDigest, key: place.key, parts: place.parts },
      ...{ madeAt: new Date().toISOString(), accelerator: place.accelerator.accelerator },
      ...{ network: place.network.kind, memoryMiB: image.memoryMiB, capabilities: [...build.findings] },
      files: await digests(work.part, overlays, image.boot.kind === 'kernel' ? [KERNEL_HEAD] : []),
    };
    await writeTemplateManifest(work.part, manifest);
    signal?.throwIfAborted();
    const folder = templateFolder(image.name, place.key);
    // A folder of that name without a usable manifest would keep the new one out.
    await rm(folder, { recursive: true, force: true });
    await work.finish(folder);
    return (await readTemplate(folder))!;
  } catch (error) {
    signal?.throwIfAborted();
    const isFull = isDiskFull(error) || (await hasNoSpace(building));
    throw isFull ? await diskFull(building, neededMiB, error) : error;
  }
}

class TemplateBuild {
  /** What the guest was found to be able to do. */
  findings: readonly CapabilityFinding[] = [];
  readonly #options: TemplateOptions;
  readonly #place: TemplatePlace;
  readonly #work: BuildFolder;

  constructor(options: TemplateOptions, place: TemplatePlace, work: BuildFolder) {
    this.#options = options;
    this.#place = place;
    this.#work = work;
  }

  /** Fills the part's folder. Gives the overlays that are in it. */
  async save(): Promise<DiskSettings[]> {
    const { image, onStage, ready, evidence } = this.#options;
    const part = this.#work.part;
    const memory = join(part, 'ram');
    await makeMemory(memory, image.memoryMiB);
    const disks = await Promise.all(image.disks.map((base, index) => this.#overlay(base, diskName(index))));
    const variables = image.variables && (await this.#overlay(image.variables, VARIABLES));
    const overlays = variables ? [...disks, variables] : disks;
    const folder = await this.#socketFolder();
    const kept = { disks, ...(variables && { variables }) };
    await this.#prepare(kept);
    onStage?.('boot');
    {
      await using guest = await this.#boot({
        evidence,
        keep: {
          ...{ ...kept, memory: { file: memory, writes: 'keep' } },
          migration: { kind: 'save', folder },
        },
      });
      onStage?.('get ready');
      await ready(guest);
      this.findings = guest.findings;
      // A TCP connection does not survive: its other end is this process.
      await guest.disconnect();
      await guest.agent.health(10_000);
      onStage?.('save');
      await saveState(guest.machine, folder, join(part, 'state'));
    }
    // What the guest never used, or has freed and cleared, costs no space.
    await execa('fallocate', ['--dig-holes', memory], { reject: false });
    for (const { file } of overlays) await chmod(file, 0o400);
    if (image.boot.kind === 'kernel') await copyKernelHead(image.boot.kernel, join(part, KERNEL_HEAD));
    return overlays;
  }

  async #overlay(base: Pick<DiskSettings, 'file' | 'format'>, name: string): Promise<DiskSettings> {
    const file = join(this.#work.part, name);
    await createOverlay({ ...base, writes: 'keep' }, file);
    return { file, format: 'qcow2', writes: 'keep', base };
  }

  async #boot(options: Pick<BootOptions, 'evidence' | 'keep' | 'sshOnly'>): Promise<BootedGuest> {
    const { image, timeoutMs, signal, onWarning } = this.#options;
    return await bootGuest(image, {
      ...{ ...options, capture: false },
      ...{ network: this.#place.network.kind, accelerator: withoutWarning(this.#place.accelerator) },
      ...(timeoutMs !== undefined && { timeoutMs }),
      ...(signal && { signal }),
      ...(onWarning && { onWarning }),
    });
  }

  /** What takes effect at a start only: a boot for it alone, and an orderly end. */
  async #prepare(keep: Pick<MachineSettings, 'disks' | 'variables'>): Promise<void> {
    const { image, prepare, evidence, onStage } = this.#options;
    if (!prepare) return;
    onStage?.('prepare');
    await using guest = await this.#boot({ evidence: join(evidence, 'preparation'), keep, sshOnly: true });
    await prepare(guest);
    const exited = guest.machine.exited;
    // The connection may break before the command has ended.
    await guest.exec('shutdown /s /t 0').catch(() => undefined);
    await within(exited, {
      ...{ code: 'LAB_GUEST_NO_SHUTDOWN', blame: 'guest', timeoutMs: SHUTDOWN_MS },
      message: `guest '${image.name}' did not shut down`,
      next: 'see its console.log',
    });
  }

  /** QEMU connects to a socket in it. */
  async #socketFolder(): Promise<string> {
    const folder = join(this.#work.path, 'socket');
    await mkdir(folder, { mode: 0o700 });
    if (isRoot) await chown(folder, QEMU_UID, QEMU_UID);
    return folder;
  }
}

/** It has been told. */
function withoutWarning({ warning: _, ...choice }: AcceleratorChoice): AcceleratorChoice {
  return choice;
}

async function makeMemory(path: string, memoryMiB: number): Promise<void> {
  await using file = await open(path, 'w', 0o600);
  await file.truncate(memoryMiB * 1024 * 1024);
  if (isRoot) await file.chown(QEMU_UID, QEMU_UID);
}

/** Its first sectors: the header, by which QEMU knows a Linux kernel, and the set-up code. QEMU's user reads it. */
async function copyKernelHead(kernel: string, path: string): Promise<void> {
  await using file = await open(kernel, 'r');
  const { buffer, bytesRead } = await file.read(Buffer.alloc(64 * 1024), 0, 64 * 1024, 0);
  await writeFile(path, buffer.subarray(0, bytesRead), { mode: 0o444 });
}

async function digests(
  part: string,
  overlays: readonly DiskSettings[],
  others: readonly string[],
): Promise<Record<string, string>> {
  const files: Record<string, string> = {};
  for (const name of ['ram', 'state', ...others, ...overlays.map(({ file }) => basename(file))])
    files[name] = await fileDigest(join(part, name));
  for (const { base } of overlays) files[base!.file] = await fileDigest(base!.file);
  return files;
}
