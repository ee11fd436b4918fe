/**
 * What an installation is made of while it runs: disk, firmware's variables, and how far it is. Whenever the guest
 * restarts, both are noted: an installation that was interrupted goes on from there, whatever the guest makes of a lost
 * power supply (Windows makes nothing of it: Setup has to begin again).
 */
import { readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  copyToQcow2,
  createDisk,
  forgetContent,
  noteContent,
  turnBack,
} from '../../lab/machine/disk-image.ts';
import type { UefiFirmware } from '../../lab/machine/uefi-firmware.ts';
import { beginInstallation, STAGES, type Installation } from './installation.ts';

export interface Checkpoint {
  /** How often the guest has restarted. */
  leg: number;
  installation: Installation;
}

const STATE = 'installation.json';
const FORMAT = 1;

export class InstallationFolder {
  readonly path: string;
  readonly disk: string;
  readonly variables: string;

  constructor(path: string) {
    this.path = path;
    this.disk = join(path, 'disk.qcow2');
    this.variables = join(path, 'variables.qcow2');
  }

  /** What an earlier lab left: where it was, or in words why nothing can go on from it; undefined when there is nothing. */
  async resume(): Promise<Checkpoint | string | undefined> {
    const text = await readFile(join(this.path, STATE), 'utf8').catch(() => undefined);
    if (text === undefined) return undefined;
    const saved = readState(text);
    if (typeof saved === 'string' || saved.installation.outcome === 'complete') return saved;
    if (saved.leg === 0) return 'the guest had not restarted yet, so that nothing was finished';
    try {
      for (const file of [this.disk, this.variables]) await turnBack(file, mark(saved.leg));
    } catch (error) {
      return (error as Error).message;
    }
    return saved;
  }

  /** An empty disk and a firmware that remembers nothing. */
  async begin(firmware: UefiFirmware, diskMiB: number): Promise<Checkpoint> {
    for (const file of [this.disk, this.variables]) await rm(file, { force: true });
    await createDisk(this.disk, diskMiB);
    await copyToQcow2(firmware.variables, this.variables);
    const checkpoint = { leg: 0, installation: beginInstallation(0) };
    await this.#write(checkpoint);
    return checkpoint;
  }

  /** The guest has restarted, and no machine runs. */
  async note({ leg }: Checkpoint, installation: Installation): Promise<Checkpoint> {
    const next = { leg: leg + 1, installation };
    for (const file of [this.disk, this.variables]) await noteContent(file, mark(next.leg));
    await this.#write(next);
    if (leg > 0) for (const file of [this.disk, this.variables]) await forgetContent(file, mark(leg));
    return next;
  }

  /** All is done: the disk stays as it is now. */
  async finish({ leg }: Checkpoint, installation: Installation): Promise<void> {
    await this.#write({ leg, installation });
    if (leg > 0) for (const file of [this.disk, this.variables]) await forgetContent(file, mark(leg));
  }

  /** Nothing goes on from here any more. */
  async forget(): Promise<void> {
    await rm(join(this.path, STATE), { force: true });
  }

  async #write(checkpoint: Checkpoint): Promise<void> {
    const path = join(this.path, STATE);
    await writeFile(`${path}.new`, JSON.stringify({ format: FORMAT, ...checkpoint }));
    await rename(`${path}.new`, path);
  }
}

const mark = (leg: number): string => `leg${leg}`;

function readState(text: string): Checkpoint | string {
  try {
    const { format, leg, installation } = JSON.parse(text) as Checkpoint & { format: number };
    if (format !== FORMAT)
      return `it was begun by another version of the lab (format ${format}, not ${FORMAT})`;
    if (STAGES.includes(installation.stage) && Number.isInteger(leg)) return { leg, installation };
  } catch {
    // The same as a file that says something else.
  }
  return `${STATE} cannot be read`;
}
