/** The end of a guest: what ended it, and whose doing that was. */
import type { EventEmitter } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { stringify } from 'lossless-json';
import { bugcheckText, type Bugcheck } from '../crash/bugcheck.ts';
import { panicBugcheck } from '../crash/panic-event.ts';
import { LabError, type Blame } from '../errors.ts';
import type { MachineExit } from '../machine/qemu-process.ts';
import type { QmpEvent } from '../machine/qmp.ts';
import type { GuestNetwork } from '../network/guest-network.ts';

export interface GuestGone {
  cause: 'panic' | 'restarted' | 'hung' | 'disk-error' | 'disk-full' | 'network-lost' | MachineExit['cause'];
  /** 'guest' may be the driver's doing: that is decided by who knows drivers. */
  blame: Extract<Blame, 'guest' | 'host' | 'lab'>;
  /** Lower-case start, no full stop. */
  message: string;
  evidence: string[];
  /** Of a panic, where the guest told it. */
  bugcheck?: Bugcheck;
}

/** The part of a machine that tells of its end. */
export interface WatchedMachine {
  qmp: EventEmitter<{ event: [QmpEvent] }>;
  exited: Promise<MachineExit>;
  console: { path: string };
  logPath: string;
}

/** Settles when the guest cannot go on, or its machine or network is gone, whichever is first. Never rejects. */
export function watchForEnd(
  machine: WatchedMachine,
  network: Pick<GuestNetwork, 'lost'>,
): Promise<GuestGone> {
  const evidence = [machine.console.path, machine.logPath];
  const stuck = new Promise<GuestGone>((resolve) => {
    machine.qmp.on('event', (event) => {
      const told = describeEvent(event);
      if (told) resolve({ ...told, evidence });
    });
  });
  const exited = machine.exited.then((exit) => describeExit(exit, evidence));
  const lost = network.lost.then((words): GuestGone => ({
    cause: 'network-lost',
    blame: 'host',
    message: words,
    evidence,
  }));
  return Promise.race([stuck, exited, lost]);
}

/** What stops the guest while its machine lives on, paused. */
function describeEvent({ name, data }: QmpEvent): Omit<GuestGone, 'evidence'> | undefined {
  if (name === 'GUEST_PANICKED') {
    const bugcheck = panicBugcheck(data['info']);
    const told = data['info'] === undefined ? '' : `: ${stringify(data['info'])}`;
    const details = bugcheck ? `: bugcheck ${bugcheckText(bugcheck)}` : told;
    const message = `the guest's kernel panicked${details}`;
    return { cause: 'panic', blame: 'guest', message, ...(bugcheck && { bugcheck }) };
  }
  // QEMU's default: an overlay without room pauses the machine; other errors are the guest's to handle.
  if (name !== 'BLOCK_IO_ERROR' || data['action'] !== 'stop') return undefined;
  const [cause, words] =
    data['nospace'] === true
      ? (['disk-full', 'the disk of the cache folder is full'] as const)
      : (['disk-error', String(data['reason'])] as const);
  return { cause, blame: 'host', message: `the guest's disk could not be written: ${words}` };
}

/**
 * As `gone`, and when the guest restarts. For one that has been ready: a crash of which the host was told nothing (without
 * hv-crash, or when the guest resets by itself) ends so. Never rejects.
 */
export function unlessRestarted(
  gone: Promise<GuestGone>,
  { qmp, console, logPath }: Pick<WatchedMachine, 'qmp' | 'console' | 'logPath'>,
): Promise<GuestGone> {
  const evidence = [console.path, logPath];
  const restarted = new Promise<GuestGone>((resolve) => {
    qmp.on('event', ({ name, data }) => {
      if (name !== 'RESET' || data['guest'] !== true) return;
      resolve({ cause: 'restarted', blame: 'guest', message: 'the guest restarted by itself', evidence });
    });
  });
  return Promise.race([gone, restarted]);
}

/** What maps a file gets this signal for a page that the file's disk has not. */
const NO_PAGE =
  ': a page of a file that it had mapped could not be had; the disk of the cache folder may be full or damaged';

function describeExit(exit: MachineExit, evidence: string[]): GuestGone {
  const how = exit.signal ? `by ${exit.signal}` : `with exit code ${exit.exitCode}`;
  const words = exit.words === '' ? '' : `: ${exit.words.split('\n').at(-1)}`;
  const told: Record<MachineExit['cause'], Omit<GuestGone, 'cause' | 'evidence'>> = {
    stopped: { blame: 'lab', message: 'the lab stopped the machine' },
    'guest-shutdown': { blame: 'guest', message: 'the guest shut its machine down' },
    'guest-reset': { blame: 'guest', message: 'the guest reset its machine' },
    killed: { blame: 'host', message: `QEMU was ended from outside ${how}${words}` },
    failed: {
      blame: 'host',
      message: `QEMU failed ${how}${words}${exit.signal === 'SIGBUS' ? NO_PAGE : ''}`,
    },
  };
  return { cause: exit.cause, ...told[exit.cause], evidence };
}

const CODES: Partial<Record<GuestGone['cause'], `LAB_${string}`>> = {
  panic: 'LAB_GUEST_PANIC',
  'disk-full': 'LAB_DISK_FULL',
};

/** The error for whatever was under way when the guest went. */
export function goneError(gone: GuestGone, during: string): LabError {
  return new LabError({
    code: CODES[gone.cause] ?? 'LAB_GUEST_GONE',
    blame: gone.blame,
    message: `${gone.message} during ${during}`,
    next: `open ${gone.evidence.join(', ')}`,
    evidence: gone.evidence,
  });
}

/** A broken connection may be the first sign: QEMU closes its channels some time before it can be reaped. */
const SIGNS = ['LAB_SSH_CLOSED', 'LAB_SSH_CHANNEL', 'LAB_AGENT_CLOSED'];
const REASON_TIMEOUT_MS = 1_000;

/** `work`; when the guest goes before it is done, or fails it by going, the error is the guest's end. `during` is read then. */
export async function unlessGone<T>(
  work: Promise<T>,
  gone: Promise<GuestGone>,
  during: () => string,
): Promise<T> {
  const lost = gone.then((how) => {
    throw goneError(how, during());
  });
  lost.catch(() => undefined);
  work.catch(() => undefined);
  try {
    return await Promise.race([work, lost]);
  } catch (error) {
    throw await reasonOf(error, gone, during);
  }
}

/** The error, or the guest's end when that is what was behind it. */
export async function reasonOf(
  error: unknown,
  gone: Promise<GuestGone>,
  during: () => string,
): Promise<unknown> {
  if (!(error instanceof LabError) || !SIGNS.includes(error.code)) return error;
  const end = gone.then((how) => goneError(how, during()));
  return await Promise.race([end, delay(REASON_TIMEOUT_MS, error)]);
}
