/** A guest that was booted once and got ready, and whose clones go on from there. Found in the cache, or made. */
import { dirname, join } from 'node:path';
import { LabError } from '../errors.ts';
import { isKvmsFault } from '../guest/boot-guest.ts';
import type { BootedGuest } from '../guest/guest.ts';
import type { GuestImage } from '../guest/guest-image.ts';
import { removeDeadBuilds } from '../image/build-folder.ts';
import { removeDeadLocks, whileLocked } from '../lock.ts';
import { listImages } from '../image/image-store.ts';
import { chooseAccelerator, distrustKvm, type AcceleratorChoice } from '../machine/accelerator.ts';
import { cpuModels } from '../machine/cpu.ts';
import type { AcceleratorName } from '../machine/qemu-arguments.ts';
import type { GuestNetwork } from '../network/guest-network.ts';
import { openNetwork, type NetworkChoice } from '../network/open-network.ts';
import { differences, templateKey, templateParts, type TemplateParts } from './template-key.ts';
import { makeTemplate } from './make-template.ts';
import {
  corruptFile,
  listTemplates,
  noteUse,
  readTemplate,
  removeTemplates,
  removeUnreadable,
  templateFolder,
  templateFolders,
  type StoredTemplate,
} from './template-store.ts';

export type TemplateStage = 'look' | 'wait' | 'prepare' | 'boot' | 'get ready' | 'save';

export interface TemplateOptions {
  /** As for bootGuest, with the memory and cores that the clones get. */
  image: GuestImage;
  imageDigest: string;
  /** Brings the booted guest into the state that clones start from. Its ssh connection is closed afterwards. */
  ready: (guest: BootedGuest) => Promise<void>;
  /** Has its effect at the next start: is done in a boot of its own, over ssh only, whose disks are kept. */
  prepare?: (guest: BootedGuest) => Promise<void>;
  /** What `prepare` and `ready` put into the guest: names and SHA-256 digests. Another value makes another template. */
  contents: Readonly<Record<string, string>>;
  network?: NetworkChoice;
  accelerator?: 'auto' | AcceleratorName;
  /** For the boot. */
  timeoutMs?: number;
  /** Folder for the console log of the boot, which tells why one failed. */
  evidence: string;
  onStage?: (stage: TemplateStage) => void;
  /** Told why a template is made although there was one. */
  onWarning?: (message: string) => void;
  signal?: AbortSignal;
}

export interface Template {
  stored: StoredTemplate;
  image: GuestImage;
  accelerator: AcceleratorChoice;
  /** For the networks of the clones: its kind is part of the template. */
  network: GuestNetwork['kind'];
}

/** Templates of an image that are kept in any case, and those at most that another lab may be at work with. */
const KEPT_TEMPLATES = 3;
const KEPT_WHILE_USED = 10;
/** How long a run with a template may last: a night. */
const USE_MS = 12 * 3_600_000;

/** Rejects as bootGuest and `ready` do, with LAB_IMAGE_CHANGED, LAB_MIGRATION_FAILED, LAB_DISK_FULL, or the signal's reason. */
export async function ensureTemplate(options: TemplateOptions): Promise<Template> {
  try {
    return await findOrMake(options);
  } catch (error) {
    const { accelerator = 'auto', onWarning } = options;
    if (accelerator !== 'auto' || !(error instanceof NoBootUnderKvm)) throw error;
    // It runs small programs and not this guest; nothing on this host asks it again until the next boot.
    onWarning?.(`TCG instead of KVM: ${error.why}`);
    return await findOrMake(options, error.why);
  }
}

/** KVM passed its probe, and this guest did not boot under it. */
class NoBootUnderKvm extends Error {
  readonly why: string;

  constructor(cause: Error) {
    super(cause.message, { cause });
    this.why = cause.message;
  }
}

/** `distrust`: why a guest did not boot under KVM here. */
async function findOrMake(options: TemplateOptions, distrust?: string): Promise<Template> {
  options.onStage?.('look');
  const { building, locks } = templateFolders();
  await removeDeadBuilds(building);
  await removeDeadLocks(locks);
  const place = await choosePlace(options, distrust);
  const parts = await templateParts(options.image, options.imageDigest, place, options.contents);
  const key = templateKey(parts);
  const template = async (stored: StoredTemplate): Promise<Template> => {
    await noteUse(stored);
    return {
      ...{ stored, image: options.image },
      ...{ accelerator: place.accelerator, network: place.network.kind },
    };
  };
  const found = await usableTemplate(options.image.name, key);
  if (typeof found === 'object') return await template(found);
  const lock = join(locks, `${options.image.name}-${key}`);
  const locking = { onWait: () => options.onStage?.('wait'), signal: options.signal };
  return await whileLocked(
    lock,
    async () => {
      // Another lab may have made it meanwhile.
      const again = await usableTemplate(options.image.name, key);
      if (typeof again === 'object') return await template(again);
      const why = again ?? (await whyNone(options.image.name, parts));
      if (why !== undefined)
        options.onWarning?.(`a template of '${options.image.name}' is made again: ${why}`);
      await removeTemplates(({ key: other }) => other === key);
      const stored = await makeTemplate(options, { ...place, key, parts }).catch((error: unknown) => {
        const mayFallBack = options.accelerator === undefined || options.accelerator === 'auto';
        const isKvm = mayFallBack && place.accelerator.accelerator === 'kvm';
        throw isKvm && isKvmsFault(error) ? new NoBootUnderKvm(error) : error;
      });
      await removeUnused(options.image.name);
      return await template(stored);
    },
    locking,
  );
}

/** Where clones will run: asked of the host before there is one, as it is part of what a template is. */
async function choosePlace(
  { image, network = 'auto', accelerator = 'auto', onWarning }: TemplateOptions,
  distrust: string | undefined,
) {
  const opened = await openNetwork(network);
  try {
    const probe = { cpu: image.cpu, launcher: opened.launcher, place: opened.kind };
    if (opened.kind === 'user' && network !== 'user')
      onWarning?.(`user-mode networking instead of a tap device: ${opened.reason}`);
    const choice: AcceleratorChoice =
      accelerator !== 'auto'
        ? { ...{ accelerator, cpu: cpuModels(image.cpu, accelerator)[0]! }, ...ASKED_FOR }
        : distrust === undefined
          ? await chooseAccelerator(probe)
          : await distrustKvm(probe, distrust);
    if (choice.warning !== undefined) onWarning?.(choice.warning);
    return { accelerator: choice, network: { kind: opened.kind, netdev: opened.netdev } };
  } finally {
    await opened[Symbol.asyncDispose]();
  }
}

const ASKED_FOR = { reason: 'it was asked for', probeMs: 0, remembered: false };

/** The template, or in words what is wrong with the one that there is, or undefined when there is none. */
async function usableTemplate(image: string, key: string): Promise<StoredTemplate | string | undefined> {
  const stored = await readTemplate(templateFolder(image, key));
  if (stored?.key !== key) return undefined;
  const corrupt = await corruptFile(stored);
  // A template made of it would be as wrong, and nobody would know any more.
  if (corrupt !== undefined && dirname(corrupt) !== stored.folder) throw imageChanged(corrupt, image);
  return corrupt === undefined ? stored : `'${corrupt}' is not what it was when the template was made`;
}

function imageChanged(path: string, image: string): LabError {
  return new LabError({
    code: 'LAB_IMAGE_CHANGED',
    blame: 'host',
    message: `'${path}' of image '${image}' is not what it was when a template was made of it`,
    next: `look after that disk, then: npm run lab -- image remove ${image}; the next run builds it again`,
  });
}

/** What is not the same in the one that is most like it, in words; undefined when there is none of this image. */
async function whyNone(image: string, parts: TemplateParts): Promise<string | undefined> {
  const others = (await listTemplates()).filter((each) => each.image === image);
  const reasons = others.map((other) => differences(other.parts, parts));
  return reasons.sort((a, b) => a.length - b.length)[0]?.join('; ');
}

/** Those whose image is gone, and those that nobody has used for long. */
async function removeUnused(image: string): Promise<void> {
  await removeUnreadable();
  const digests = new Set((await listImages()).map(({ digest }) => digest));
  await removeTemplates((each) => each.image === image && !digests.has(each.imageDigest));
  const usedSince = Date.now() - USE_MS;
  const kept = (await listTemplates())
    .filter((each) => each.image === image)
    .filter(
      ({ usedAt }, index) =>
        index < KEPT_TEMPLATES || (index < KEPT_WHILE_USED && usedAt.getTime() > usedSince),
    );
  await removeTemplates((each) => each.image === image && !kept.some(({ key }) => key === each.key));
}
