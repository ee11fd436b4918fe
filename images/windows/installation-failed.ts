/** What went wrong with an installation, in words, with what to do about it. */
import { LabError } from '../../lab/errors.ts';
import type { Installation, InstallationFailure, Patience, Stage } from './installation.ts';

const DURING: Record<Stage, string> = {
  firmware: 'before the firmware had started anything',
  'boot-prompt': "after the CD's prompt, before Setup had read the answer file",
  setup: 'in Setup',
  specialise: 'while Windows got to know the machine (specialise)',
  'first-logon': 'before the first logon',
  provisioning: 'in the steps of provisioning',
  sealed: 'after the last step, before the guest had switched itself off',
};

const LOOK = 'open screenshot.png, and the end of console.log';

export function installationFailed({ outcome }: Installation, evidence: string[]): LabError {
  const failure = outcome as InstallationFailure;
  const [message, next] = wordsOf(failure);
  return new LabError({
    code: isOfTheDisk(failure) ? 'LAB_INSTALL_DISK' : 'LAB_INSTALL_FAILED',
    ...{ blame: 'guest', message: `the installation failed: ${message}`, next, evidence },
  });
}

/** It was so before this start of the machine, and would be so again. */
const isOfTheDisk = ({ kind }: InstallationFailure): boolean =>
  kind === 'boot-loop' || kind === 'disk-not-bootable';

export function stalled(
  { stage, step, resets }: Installation,
  patience: Patience,
  { evidence, lastLines }: { evidence: string[]; lastLines: string[] },
): LabError {
  const where = step === undefined ? DURING[stage] : `in step '${step}' of provisioning`;
  const said = lastLines.length === 0 ? 'it has said nothing' : `it said last: ${lastLines.join(' | ')}`;
  return new LabError({
    code: 'LAB_INSTALL_STALLED',
    blame: 'guest',
    message:
      `the installation stopped ${where}: nothing came within ${Math.round(patience[stage] / 1000)} s, ` +
      `after ${resets} restarts (${said})`,
    next: 'open screenshot.png: Setup most often waits there for an answer to a question',
    evidence,
  });
}

function wordsOf(failure: InstallationFailure): [message: string, next: string] {
  switch (failure.kind) {
    case 'prompt-missed':
      return [
        "the CD's prompt ('Press any key to boot') was not answered in time, or nothing on the CD starts under UEFI",
        `${LOOK}; on a busy host run the same command again`,
      ];
    case 'disk-not-bootable':
      return ['Setup was done with the disk, and the firmware cannot start from it', LOOK];
    case 'boot-loop':
      return [`the guest restarted ${failure.resets} times, and an installation has two or three`, LOOK];
    case 'recovery':
      return [
        `the guest started from its disk ${failure.boots} times without a word: Windows shows its recovery by then`,
        `${LOOK}; the same command goes on from the last restart`,
      ];
    case 'panicked':
      return [`Windows crashed ${DURING[failure.stage]}`, LOOK];
    case 'step-failed':
      return [
        `step '${failure.step}' ended with ${failure.code} at line ${failure.line} of its file`,
        `read images/windows/provision/${failure.step}.cmd, and what the step said at the end of console.log`,
      ];
    case 'steps-missing':
      return [`these steps did not say that they are done: ${failure.steps.join(', ')}`, LOOK];
    case 'no-host-key':
      return ["the guest did not tell its ssh server's key", LOOK];
    case 'ended-early':
      return [`the guest switched itself off ${DURING[failure.stage]}`, LOOK];
  }
}
