/** What a fault is: where it may strike, how, and which ends of the run are honest answers to it. */
import type { Blame } from '../lab/errors.ts';
import type { UndoStack } from '../lab/undo.ts';
import type { ChildLab, Environment } from './child-lab.ts';
import type { Draw } from './draw.ts';
import type { PhaseName } from './moments.ts';
import type { OwnCache } from './own-cache.ts';

/** What a fault has at hand in one case. */
export interface Setting {
  cache: OwnCache;
  draw: Draw;
  /** When it strikes. */
  phase: PhaseName;
  /** Run after the lab has ended, before the next one starts: what the fault broke is whole again. */
  repair: UndoStack;
  /** Run when the case is over. */
  undo: UndoStack;
  /** Aborts when the lab has ended. */
  over: AbortSignal;
  /** Another lab on the same cache, which has to come to a green end. */
  startCompanion: () => ChildLab;
}

export interface StruckSetting extends Setting {
  lab: ChildLab;
}

/** How a run may end without an invariant being broken. Green always may be: then the fault had no effect. */
export interface HonestEnds {
  /** Whose fault it may say that it was. */
  blames?: readonly Blame[];
  /** Signals that may have ended it. */
  signals?: readonly NodeJS.Signals[];
  /** Exit codes of a run that was interrupted. */
  interrupted?: readonly number[];
  /** The fault is the driver's: this code, and exit code 1. */
  driverFault?: string;
  /** What the output has to say when the fault struck. */
  says?: (phase: PhaseName) => RegExp | undefined;
  /** There may be no run.json. */
  mayLackResult?: boolean;
  /** No run.json can be written any more: what ends is told on the terminal only. */
  isDiskFull?: boolean;
}

export interface Fault {
  what: string;
  phases: readonly PhaseName[];
  /** It strikes every scenario of the run: all their deadlines count. */
  lasts?: true;
  /** Arguments of the lab; default: `run` of SCENARIOS. */
  command?: (setting: Setting) => string[];
  /** The scenarios that a green run has to hold; default: SCENARIOS. */
  scenarios?: readonly string[];
  env?: (cache: OwnCache) => Environment;
  /** Why it cannot be injected on this host. */
  impossible?: () => string | undefined;
  /** Before the lab starts. */
  prepare?: (setting: Setting) => Promise<void>;
  /** Gives false, or a promise of it, when there was nothing to strike at. Without a lab for the phase `before`. */
  strike?: (setting: StruckSetting) => unknown;
  allows: HonestEnds;
}
