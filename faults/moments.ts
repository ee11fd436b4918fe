/** When a fault strikes: a phase of the run that can be seen from outside, and some time after it began. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { ChildLab } from './child-lab.ts';
import type { Draw } from './draw.ts';
import { isClients, isQemu } from './marked-processes.ts';
import type { OwnCache } from './own-cache.ts';

/** What runs while the fault strikes. The second one shows that the first is not lost. */
export const SCENARIOS = ['one-connection', 'half-close'] as const;

interface Phase {
  hasBegun: (lab: ChildLab, cache: OwnCache) => boolean;
  /** The fault strikes up to so much later. */
  spreadMs: number;
  /** There is no template when the lab starts. */
  withoutTemplate?: true;
  /** More for the lab's command line. */
  args?: readonly string[];
  /** Takes a boot, and is drawn less often. */
  isSlow?: true;
}

const [FIRST] = SCENARIOS;
const hasQemu = (lab: ChildLab) => lab.processes().some(isQemu);

const PHASES = {
  start: { hasBegun: () => true, spreadMs: 3000 },
  clone: { hasBegun: hasQemu, spreadMs: 1000 },
  trace: { hasBegun: (lab) => lab.has(FIRST, 'trace', 'metadata'), spreadMs: 2000 },
  clients: { hasBegun: (lab) => lab.processes().some(isClients), spreadMs: 1000 },
  end: { hasBegun: (lab) => lab.has(FIRST, 'clients.json'), spreadMs: 1000 },
  second: { hasBegun: (lab) => lab.said().includes(FIRST), spreadMs: 2000 },
  template: {
    hasBegun: (_, { templates }) => listed(join(templates, 'building')).length > 0,
    spreadMs: 20_000,
    withoutTemplate: true,
    isSlow: true,
  },
  boot: { hasBegun: hasQemu, spreadMs: 20_000, args: ['--cold'], isSlow: true },
} as const satisfies Record<string, Phase>;

/** `before` the lab starts is a moment without a phase. */
export type PhaseName = 'before' | keyof typeof PHASES;

export interface Moment {
  phase: PhaseName;
  afterMs: number;
}

export function drawMoment(draw: Draw, phases: readonly PhaseName[]): Moment {
  // Ten cases in the quick phases cost as much as two in the slow ones.
  const often = phases.flatMap((each) => Array.from({ length: isSlow(each) ? 1 : 3 }, () => each));
  const phase = draw.pick('phase', often);
  return { phase, afterMs: phase === 'before' ? 0 : draw.below('moment', PHASES[phase].spreadMs) };
}

const isSlow = (phase: PhaseName): boolean => phase === 'before' || 'isSlow' in PHASES[phase];

export function phaseOf(moment: Moment): Omit<Phase, 'hasBegun'> {
  return moment.phase === 'before' ? { spreadMs: 0 } : PHASES[moment.phase];
}

/** A look at all processes takes a millisecond where many labs run. */
const LOOK_MS = 20;

/** Waits for the moment. False: the lab had ended before. */
export async function momentOf(
  { phase, afterMs }: Moment,
  lab: ChildLab,
  { cache, signal }: { cache: OwnCache; signal: AbortSignal },
): Promise<boolean> {
  if (phase === 'before') return true;
  for (; !PHASES[phase].hasBegun(lab, cache); await delay(LOOK_MS, undefined, { signal }))
    if (lab.hasEnded) return false;
  return await Promise.race([delay(afterMs, true, { signal }), lab.ended.then(() => false)]);
}

function listed(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
