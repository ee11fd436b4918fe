/** Builds an installed image: configuration medium, installation, first start, and what an image keeps of them. */
import { createHash, randomBytes, X509Certificate } from 'node:crypto';
import { existsSync } from 'node:fs';
import { chmod, copyFile, link, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { makeSshKeyPair } from '../../lab/guest/ssh-key-pair.ts';
import type { LayerContext, PartContext } from '../../lab/image/image-recipe.ts';
import type { WimImage } from '../../lab/image/wim.ts';
import type { AcceleratorChoice } from '../../lab/machine/accelerator.ts';
import { findFirmware } from '../../lab/machine/uefi-firmware.ts';
import { answerFile, USER } from './answer-file.ts';
import { writeConfigurationMedium } from './configuration-medium.ts';
import { firstStart } from './first-start.ts';
import { install } from './install.ts';
import type { Installation } from './installation.ts';
import { IMAGE_FILES, readGuest, writeGuestData } from './installed-image.ts';
import type { InstalledGuest, OpenedMedium } from './installed-guest.ts';
import { provisionScripts } from './provision-script.ts';
import { PROVISION_STEPS } from './provision-steps.ts';

/** After the stages of the installation: the disk starts by itself, and is asked what it is. */
export const FIRST_START = 'first-start';

export interface InstalledParts {
  medium: OpenedMedium;
  edition: WimImage;
  accelerator: AcceleratorChoice;
  diskGiB: number;
}

const CONFIGURATION = 'configuration.iso';

export class InstalledBuild {
  readonly #guest: InstalledGuest;
  readonly #parts: InstalledParts;

  constructor(guest: InstalledGuest, parts: InstalledParts) {
    this.#guest = guest;
    this.#parts = parts;
  }

  /** What decides the disk beside files; keys and passwords, which are new each time, do not. */
  async words(): Promise<string[]> {
    const { medium, diskGiB } = this.#parts;
    const openSsh = createHash('sha256').update(medium.openSsh).digest('hex');
    return [this.#answerFile(''), JSON.stringify(await provisionScripts()), openSsh, `${diskGiB} GiB`];
  }

  async base(context: PartContext): Promise<void> {
    const { folder, onStage, onNote, signal } = context;
    const inside = (name: string) => join(folder, name);
    const evidence = context.log.replace(/\.log$/, '');
    const found = findFirmware();
    const firmware = { ...found, code: inside('firmware.fd') };
    if (!existsSync(inside(CONFIGURATION))) {
      await copyFile(found.code, firmware.code);
      await this.#writeConfiguration(context);
    }
    const { accelerator, medium, diskGiB } = this.#parts;
    const { hostKey } = await install({
      ...{ folder, firmware, accelerator, evidence: join(evidence, 'installation'), onNote, signal },
      machine: { ...this.#guest.guest, diskMiB: diskGiB * 1024 },
      cds: { windows: medium.iso.path, configuration: inside(CONFIGURATION) },
      patience: this.#guest.patience(accelerator.accelerator),
      onProgress: (installation) => onStage(installation.stage, detailOf(installation)),
    });
    onStage(FIRST_START);
    await writeFile(inside('host_key.pub'), `${hostKey}\n`);
    await writeGuestData(folder, { ...this.#guest.guest, user: USER });
    const facts = await firstStart(await readGuest(this.#guest.version.name, folder), {
      ...{ evidence: join(evidence, FIRST_START), hasLicence: this.#guest.hasLicence, signal, onNote },
    });
    await writeFile(inside('facts.json'), JSON.stringify(facts));
    for (const name of ['disk.qcow2', 'variables.qcow2']) await chmod(inside(name), 0o400);
    for (const name of [CONFIGURATION, 'installation.json']) await rm(inside(name));
  }

  async layer({ base, folder, onStage }: LayerContext): Promise<void> {
    onStage('files');
    for (const name of IMAGE_FILES) await link(join(base, name), join(folder, name));
  }

  #answerFile(password: string): string {
    return answerFile({ version: this.#guest.version, edition: this.#parts.edition, password });
  }

  async #writeConfiguration({ folder, inputs }: PartContext): Promise<void> {
    const login = makeSshKeyPair('wsklab');
    // Windows wants letters of both kinds and a digit, and not the user's name in it; people may log on at the screen.
    const password = `Wsk-${randomBytes(12).toString('hex')}`;
    const secret = { mode: 0o600 };
    await writeFile(join(folder, 'login_key'), `${login.private.trim()}\n`, secret);
    await writeFile(join(folder, 'password'), `${password}\n`, secret);
    const certificate = await readFile(inputs['certificate.pem']!);
    // Last: who finds it finds the rest.
    await writeConfigurationMedium(
      {
        ...{ answerFile: this.#answerFile(password), scripts: await provisionScripts() },
        openSsh: this.#parts.medium.openSsh,
        files: {
          'agent.exe': await readFile(inputs['agent.exe']!),
          'lab.cer': new X509Certificate(certificate).raw,
          authorized_keys: `${login.public}\n`,
        },
      },
      join(folder, CONFIGURATION),
    );
  }
}

function detailOf({ stage, step, done }: Installation): string | undefined {
  return stage === 'provisioning' && step !== undefined
    ? `${step} (${done.length + 1}/${PROVISION_STEPS.length})`
    : undefined;
}
