/** From an empty disk and two CDs to a sealed disk, or on from where another lab was interrupted. */
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { LabError } from '../../lab/errors.ts';
import type { AcceleratorChoice } from '../../lab/machine/accelerator.ts';
import type { UefiFirmware } from '../../lab/machine/uefi-firmware.ts';
import { GUEST_MAC } from '../../lab/network/guest-network.ts';
import type { Installation, Patience } from './installation.ts';
import { InstallationFolder, type Checkpoint } from './installation-folder.ts';
import { runLeg, type LegOptions } from './run-leg.ts';

export interface InstallOptions {
  /** Of the installation; kept when it is interrupted. */
  folder: string;
  firmware: UefiFirmware;
  accelerator: Pick<AcceleratorChoice, 'accelerator' | 'cpu'>;
  machine: { cores: number; memoryMiB: number; diskMiB: number };
  cds: { windows: string; configuration: string };
  patience: Patience;
  /** Where each start of the machine gets a folder for what it showed. */
  evidence: string;
  onProgress: (installation: Installation) => void;
  onNote: (text: string) => void;
  signal: AbortSignal | undefined;
}

/** Resolves with the end of the installation. @throws LabError as `runLeg` does; the signal's reason. */
export async function install(options: InstallOptions): Promise<Installation> {
  const folder = new InstallationFolder(options.folder);
  let checkpoint = await beginOrGoOn(folder, options);
  if (checkpoint.installation.outcome === 'complete') return checkpoint.installation;
  for (;;) {
    const evidence = join(options.evidence, `start${checkpoint.leg + 1}`);
    await mkdir(evidence, { recursive: true });
    const leg = { ...legOf(folder, options), evidence };
    let installation: Installation;
    try {
      installation = await runLeg(checkpoint.installation, leg);
    } catch (error) {
      // The next one begins anew.
      if (error instanceof LabError && error.code === 'LAB_INSTALL_DISK') await folder.forget();
      throw error;
    }
    if (installation.outcome === 'complete') {
      await folder.finish(checkpoint, installation);
      return installation;
    }
    checkpoint = await folder.note(checkpoint, installation);
  }
}

async function beginOrGoOn(folder: InstallationFolder, options: InstallOptions): Promise<Checkpoint> {
  const found = await folder.resume();
  if (typeof found === 'object') {
    const { stage, outcome } = found.installation;
    const where =
      outcome === 'complete' ? 'it was complete' : `from restart ${found.leg} of the guest, after '${stage}'`;
    options.onNote(`an interrupted installation goes on: ${where}`);
    return found;
  }
  if (found !== undefined) options.onNote(`an interrupted installation begins again: ${found}`);
  await rm(options.evidence, { recursive: true, force: true });
  return await folder.begin(options.firmware, options.machine.diskMiB);
}

function legOf(folder: InstallationFolder, options: InstallOptions): Omit<LegOptions, 'evidence'> {
  const { accelerator, machine, cds, firmware, patience, onProgress, signal } = options;
  const cd = (file: string) => ({ file, format: 'raw', media: 'cdrom', writes: 'refuse' }) as const;
  return {
    settings: {
      ...{ accelerator: accelerator.accelerator, cpu: accelerator.cpu },
      ...{ cores: machine.cores, memoryMiB: machine.memoryMiB, devices: 'baseline' },
      boot: { kind: 'uefi', code: firmware.code },
      variables: { file: folder.variables, format: 'qcow2', writes: 'keep' },
      disks: [{ file: folder.disk, format: 'qcow2', writes: 'keep' }, cd(cds.windows), cd(cds.configuration)],
      // The card that the guest will have: Windows keeps its addresses for this one.
      network: { netdev: { kind: 'user' }, mac: GUEST_MAC },
    },
    ...{ patience, onProgress, signal },
  };
}
