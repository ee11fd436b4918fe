/**
 * Every error that the lab raises on purpose: a stable code, who is to blame, the cause, and where the
 * evidence lies. The blame decides the exit code, so a fault of the lab never looks like a driver's.
 */

export type Blame = 'host' | 'guest' | 'driver' | 'scenario' | 'usage' | 'lab';

/** Exit codes of every command. */
export const EXIT = { green: 0, violated: 1, usage: 2, fault: 3, inconclusive: 4 } as const;

const EXIT_BY_BLAME: Record<Blame, number> = {
  driver: EXIT.violated,
  usage: EXIT.usage,
  scenario: EXIT.usage,
  host: EXIT.fault,
  guest: EXIT.fault,
  lab: EXIT.fault,
};

export interface LabErrorDetails {
  /** Stable, upper snake case, begins with LAB_: 'LAB_GUEST_BOOT_TIMEOUT'. */
  code: `LAB_${string}`;
  blame: Blame;
  /** What was attempted and what happened; observed against expected with numbers. Lower-case start, no full stop. */
  message: string;
  /** What to do or open next. */
  next?: string;
  /** Paths of logs, traces, dumps. */
  evidence?: string[];
  cause?: unknown;
}

export class LabError extends Error {
  readonly code: LabErrorDetails['code'];
  readonly blame: Blame;
  readonly next: string | undefined;
  readonly evidence: string[];

  constructor(details: LabErrorDetails) {
    super(details.message, details.cause === undefined ? undefined : { cause: details.cause });
    this.name = 'LabError';
    this.code = details.code;
    this.blame = details.blame;
    this.next = details.next;
    this.evidence = details.evidence ?? [];
  }

  get exitCode(): number {
    return EXIT_BY_BLAME[this.blame];
  }
}
