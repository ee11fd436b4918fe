/**
 * The templates in the cache folder:
 *
 *     templates/<image>-<key>/     ram, state, disk0.qcow2..., variables.qcow2 (UEFI), kernel (its head), manifest.json
 *     templates/building/          what is not finished
 *     templates/locks/             one builder at a time
 */
import { readFile, readdir, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { capabilityFindingSchema } from '../guest/capabilities.ts';
import { KEY_DIGITS } from '../image/image-store.ts';
import { cacheFolder } from '../project.ts';
import { fileDigest, fileIdentity } from '../image/file-digest.ts';

const TEMPLATE_FORMAT = 2;
/** The part of the kernel that QEMU looks into. */
export const KERNEL_HEAD = 'kernel';

/** Overlays over the image's disks, and over what its firmware remembers. */
export const diskName = (index: number): string => `disk${index}.qcow2`;
export const VARIABLES = 'variables.qcow2';

const manifestSchema = z.object({
  format: z.literal(TEMPLATE_FORMAT),
  /** The image's name. */
  image: z.string(),
  imageDigest: z.string(),
  key: z.string(),
  /** All that went into the key. */
  parts: z.record(z.string(), z.string()),
  /** UTC, ISO 8601. */
  madeAt: z.string(),
  accelerator: z.enum(['kvm', 'tcg']),
  network: z.enum(['tap', 'user']),
  memoryMiB: z.int(),
  /** What its guest was found to be able to do. */
  capabilities: z.array(capabilityFindingSchema).default([]),
  /** `fileDigest` of each file of the template, and, by its whole path, of each file of the image's below it. */
  files: z.record(z.string(), z.string()),
});
export type TemplateManifest = z.output<typeof manifestSchema>;

export interface StoredTemplate extends TemplateManifest {
  /** When a lab last began to clone it. */
  usedAt: Date;
  folder: string;
}

export const templateFolders = () => {
  const root = join(cacheFolder(), 'templates');
  return { root, building: join(root, 'building'), locks: join(root, 'locks') };
};

export function templateFolder(image: string, key: string): string {
  return join(templateFolders().root, `${image}-${key.slice(0, KEY_DIGITS)}`);
}

export async function writeTemplateManifest(
  folder: string,
  manifest: Omit<z.input<typeof manifestSchema>, 'format'>,
): Promise<void> {
  const text = JSON.stringify({ format: TEMPLATE_FORMAT, ...manifest }, undefined, 2);
  await writeFile(join(folder, 'manifest.json'), `${text}\n`);
}

/** All templates, the last used first. A folder without a readable manifest is none. */
export async function listTemplates(): Promise<StoredTemplate[]> {
  const { root } = templateFolders();
  const names = await readdir(root).catch(() => [] as string[]);
  const templates = await Promise.all(names.map((name) => readTemplate(join(root, name))));
  return templates
    .filter((each) => each !== undefined)
    .sort((a, b) => b.usedAt.getTime() - a.usedAt.getTime());
}

/** Undefined when the folder holds no template, or one of another format. */
export async function readTemplate(folder: string): Promise<StoredTemplate | undefined> {
  const file = join(folder, 'manifest.json');
  try {
    const [text, { mtime }] = await Promise.all([readFile(file, 'utf8'), stat(file)]);
    return { ...manifestSchema.parse(JSON.parse(text)), folder, usedAt: mtime };
  } catch {
    return undefined;
  }
}

/** The manifest's time of change is that of the last use. */
export async function noteUse({ folder }: StoredTemplate): Promise<void> {
  const now = new Date();
  await utimes(join(folder, 'manifest.json'), now, now);
}

export async function templateSizeMiB({ folder }: Pick<StoredTemplate, 'folder'>): Promise<number> {
  const names = await readdir(folder);
  const blocks = await Promise.all(names.map(async (name) => (await stat(join(folder, name))).blocks));
  return Math.round(blocks.reduce((sum, count) => sum + count, 0) / 2048);
}

/** Removes the templates that `isUnwanted` names, and gives them back. */
export async function removeTemplates(
  isUnwanted: (template: StoredTemplate, index: number) => boolean,
): Promise<StoredTemplate[]> {
  const removed = (await listTemplates()).filter(isUnwanted);
  for (const { folder } of removed) await rm(folder, { recursive: true, force: true });
  return removed;
}

/** Folders that hold no template, or one of another format: nobody would list or remove them. */
export async function removeUnreadable(): Promise<void> {
  const { root, building, locks } = templateFolders();
  const names = await readdir(root).catch(() => [] as string[]);
  const folders = names.map((name) => join(root, name)).filter((path) => ![building, locks].includes(path));
  for (const folder of folders)
    if (!(await readTemplate(folder))) await rm(folder, { recursive: true, force: true });
}

/**
 * Names the first file that is not what it was when the template was made; undefined when all are. A file that nobody
 * has touched since it was last read, in this boot of the host, is not read again.
 */
export async function corruptFile(template: StoredTemplate): Promise<string | undefined> {
  const memory = join(template.folder, 'verified.json');
  const boot = (await readFile('/proc/sys/kernel/random/boot_id', 'utf8').catch(() => '')).trim();
  const known = await readVerified(memory);
  const verified: Record<string, string> = {};
  for (const [name, digest] of Object.entries(template.files)) {
    const path = pathOf(template, name);
    try {
      const identity = `${boot} ${digest} ${await fileIdentity(path)}`;
      if (known[name] !== identity && (await fileDigest(path)) !== digest) return path;
      verified[name] = identity;
    } catch {
      return path;
    }
  }
  // Without a memory the files are read again next time.
  await writeFile(memory, JSON.stringify(verified)).catch(() => undefined);
  return undefined;
}

/** All files that a clone runs on, by their whole paths. */
export function templateFiles(template: StoredTemplate): string[] {
  return Object.keys(template.files).map((name) => pathOf(template, name));
}

function pathOf({ folder }: StoredTemplate, name: string): string {
  return name.startsWith('/') ? name : join(folder, name);
}

async function readVerified(path: string): Promise<Record<string, string>> {
  try {
    return JSON.parse(await readFile(path, 'utf8')) as Record<string, string>;
  } catch {
    return {};
  }
}
