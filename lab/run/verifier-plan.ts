/** Which scenarios run on guests with Driver Verifier armed: those with the same settings share their template. */
import { basename } from 'node:path';
import { flagsOf, type VerifierChoice, type VerifierSettings } from '../deploy/verifier.ts';
import { RECORDER } from './ready-guest.ts';
import type { PlannedRun } from './suite.ts';

export interface VerifierGroup {
  /** Undefined: off. */
  verifier: VerifierSettings | undefined;
  plan: PlannedRun[];
}

export interface VerifierWishes {
  /** Of the whole run; a scenario's own wish wins over it. */
  choice: VerifierChoice;
  /** The driver under test, if it is the same for all. */
  driver: string | undefined;
}

/**
 * In the order of the plan. The recorder is always among the drivers: what a driver calls by way of it would not be seen
 * otherwise.
 */
export function groupByVerifier(plan: readonly PlannedRun[], wishes: VerifierWishes): VerifierGroup[] {
  const groups = new Map<number, PlannedRun[]>();
  for (const planned of plan) {
    const flags = flagsOf(planned.scenario.verifier ?? wishes.choice);
    groups.set(flags, [...(groups.get(flags) ?? []), planned]);
  }
  return [...groups].map(([flags, planned]) => {
    const names = planned.map(({ scenario }) => fileName(wishes.driver ?? scenario.driver.name));
    const drivers = [...new Set([...names.sort(), `${RECORDER}.sys`])];
    return { verifier: flags === 0 ? undefined : { flags, drivers }, plan: planned };
  });
}

const fileName = (nameOrPath: string): string => `${basename(nameOrPath).replace(/\.sys$/i, '')}.sys`;
