/**
 * How far an installation is, from what the machine shows: serial lines, restarts, its end. Pure: whoever runs the
 * machine hands in what happened and does what the state asks for (a key at the CD's prompt, a screenshot on a stall).
 */
import type { AcceleratorName } from '../../lab/machine/qemu-arguments.ts';
import { PROVISION_STEPS } from './provision-steps.ts';
import { parseSerialLine, type SerialLine } from './serial-line.ts';

/** In their order; none is ever gone back to. */
export const STAGES = [
  'firmware',
  /** The CD asks for a key, for some seconds; then Setup is loaded from it. */
  'boot-prompt',
  /** Setup read the answer file: it says so, where it has a serial port, or it has begun to write to the disk. */
  'setup',
  'specialise',
  'first-logon',
  'provisioning',
  /** All steps are done; the guest shuts itself down. */
  'sealed',
] as const;
export type Stage = (typeof STAGES)[number];

export type InstallationEvent =
  | { kind: 'line'; text: string }
  /** Something was written to the disk: only Setup does, and not before it has read the answer file. */
  | { kind: 'disk-written' }
  /** The guest restarted. */
  | { kind: 'reset' }
  /** The guest switched itself off. */
  | { kind: 'end' }
  /** The guest's kernel told the machine that it gave up. */
  | { kind: 'panic' };

export type InstallationFailure =
  | { kind: 'prompt-missed' }
  /** Setup copied its files, and the firmware starts the CD again. */
  | { kind: 'disk-not-bootable' }
  | { kind: 'boot-loop'; resets: number }
  /** The disk's system started so often without a word of ours: what starts by then is Windows' recovery. */
  | { kind: 'recovery'; boots: number }
  | { kind: 'panicked'; stage: Stage }
  | { kind: 'step-failed'; step: string; code: number; line: number }
  /** Sealed, and these steps never said that they are done. */
  | { kind: 'steps-missing'; steps: string[] }
  | { kind: 'no-host-key' }
  | { kind: 'ended-early'; stage: Stage };

export interface Installation {
  stage: Stage;
  /** When the stage began, or the last step of it. */
  sinceMs: number;
  resets: number;
  /** Starts from the disk since a line of ours came. */
  silentBoots: number;
  /** Provisioning's running step. */
  step: string | undefined;
  done: readonly string[];
  hostKey: string | undefined;
  outcome: 'running' | 'complete' | InstallationFailure;
}

/** Setup, specialise and OOBE restart once or twice each. */
const MOST_RESETS = 8;
/** Windows starts its recovery after two starts that did not come to their end. */
const MOST_SILENT_BOOTS = 3;

/** How long a key is pressed at the prompt, once a second. */
export const PROMPT_MS: Record<AcceleratorName, number> = { kvm: 15_000, tcg: 90_000 };

/** How long each stage, or a step of provisioning, may last. */
export type Patience = Record<Stage, number>;

/** Of Windows under KVM. A stage that lasts longer has stopped, most often at a question on the screen. */
const WINDOWS_KVM_MS: Patience = {
  firmware: 60_000,
  // Until Setup has begun with the disk: it is loaded from the CD meanwhile.
  'boot-prompt': 300_000,
  setup: 40 * 60_000,
  specialise: 20 * 60_000,
  'first-logon': 20 * 60_000,
  provisioning: 15 * 60_000,
  sealed: 5 * 60_000,
};
const TCG_FACTOR = 15;

export function windowsPatience(accelerator: AcceleratorName): Patience {
  const factor = accelerator === 'tcg' ? TCG_FACTOR : 1;
  const stages = Object.entries(WINDOWS_KVM_MS).map(([stage, ms]) => [stage, ms * factor]);
  return Object.fromEntries(stages) as Patience;
}

export const beginInstallation = (nowMs: number): Installation => ({
  ...{ stage: 'firmware', sinceMs: nowMs, resets: 0, silentBoots: 0, step: undefined },
  ...{ done: [], hostKey: undefined, outcome: 'running' },
});

export function advance(before: Installation, event: InstallationEvent, nowMs: number): Installation {
  if (before.outcome !== 'running') return before;
  switch (event.kind) {
    case 'reset': {
      const resets = before.resets + 1;
      return resets > MOST_RESETS
        ? failed({ ...before, resets }, { kind: 'boot-loop', resets })
        : { ...before, resets };
    }
    case 'disk-written':
      return before.stage === 'boot-prompt' ? enter(before, 'setup', nowMs) : before;
    case 'end':
      return atEnd(before);
    case 'panic':
      return failed(before, { kind: 'panicked', stage: before.stage });
    case 'line': {
      const line = parseSerialLine(event.text);
      return line ? afterLine(before, line, nowMs) : before;
    }
  }
}

/** The time from now counts anew: the lab was away, or the machine is another one. */
export const goOn = (before: Installation, nowMs: number): Installation => ({ ...before, sinceMs: nowMs });

export function hasStalled(
  { stage, sinceMs, outcome }: Installation,
  nowMs: number,
  patience: Patience,
): boolean {
  return outcome === 'running' && nowMs - sinceMs > patience[stage];
}

export function wantsKey(
  { stage, sinceMs, outcome }: Installation,
  nowMs: number,
  accelerator: AcceleratorName,
): boolean {
  return outcome === 'running' && stage === 'boot-prompt' && nowMs - sinceMs <= PROMPT_MS[accelerator];
}

function afterLine(before: Installation, line: SerialLine, nowMs: number): Installation {
  switch (line.kind) {
    case 'boot':
      return afterBoot(before, line.from, nowMs);
    case 'nothing-to-boot':
      return failed(before, { kind: isBefore(before, 'setup') ? 'prompt-missed' : 'disk-not-bootable' });
    default:
      return afterWord({ ...before, silentBoots: 0 }, line, nowMs);
  }
}

type Word = Exclude<SerialLine, { kind: 'boot' | 'nothing-to-boot' }>;

function afterWord(before: Installation, line: Word, nowMs: number): Installation {
  switch (line.kind) {
    case 'stage': {
      const stage = STAGES.find((each) => each === line.stage);
      if (stage === 'sealed') return enter(afterStep(before), stage, nowMs);
      return stage ? enter(before, stage, nowMs) : before;
    }
    case 'step': {
      if (line.state === 'begins') return { ...afterStep(before), step: line.step, sinceMs: nowMs };
      return { ...afterStep({ ...before, step: line.step }), sinceMs: nowMs };
    }
    case 'step-failed':
      return failed(before, line);
    case 'host-key':
      return { ...before, hostKey: line.key };
  }
}

/** The running step is done: it said so, or what comes only after it has come, and its word was lost on the line. */
function afterStep({ step, done, ...before }: Installation): Installation {
  const isNew = step !== undefined && !done.includes(step);
  return { ...before, step: undefined, done: isNew ? [...done, step] : done };
}

function afterBoot(before: Installation, from: 'cd' | 'disk', nowMs: number): Installation {
  if (from === 'disk') {
    const boots = before.silentBoots + 1;
    if (boots > MOST_SILENT_BOOTS) return failed(before, { kind: 'recovery', boots });
    const next = { ...before, silentBoots: boots };
    return before.stage === 'specialise' ? enter(next, 'first-logon', nowMs) : next;
  }
  // A restart from the CD before Setup took hold shows the prompt again.
  if (isBefore(before, 'setup')) return { ...before, stage: 'boot-prompt', sinceMs: nowMs };
  return failed(before, { kind: 'disk-not-bootable' });
}

/** Complete only when all of it was seen. */
function atEnd(before: Installation): Installation {
  if (before.stage !== 'sealed') return failed(before, { kind: 'ended-early', stage: before.stage });
  const steps = PROVISION_STEPS.filter((step) => !before.done.includes(step));
  if (steps.length > 0) return failed(before, { kind: 'steps-missing', steps });
  if (before.hostKey === undefined) return failed(before, { kind: 'no-host-key' });
  return { ...before, outcome: 'complete' };
}

const isBefore = ({ stage }: Installation, other: Stage): boolean =>
  STAGES.indexOf(stage) < STAGES.indexOf(other);

const enter = (before: Installation, stage: Stage, nowMs: number): Installation =>
  isBefore(before, stage) ? { ...before, stage, sinceMs: nowMs, step: undefined } : before;

const failed = (before: Installation, outcome: InstallationFailure): Installation => ({ ...before, outcome });
