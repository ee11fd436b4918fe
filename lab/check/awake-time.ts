/**
 * Time without the stalls of the guest. A guest that did not run (its QEMU was stopped, the host had no processor for
 * it) is not late: the lab's bounds count only time in which it answered.
 */

/** Nanoseconds of trace time in which the guest did not answer. */
export interface Stall {
  from: number;
  to: number;
}

export class AwakeTime {
  readonly #stalls: readonly Stall[];

  /** Stalls may come in any order and may overlap. */
  constructor(stalls: readonly Stall[] = []) {
    const merged: Stall[] = [];
    for (const { from, to } of [...stalls].sort((a, b) => a.from - b.from)) {
      const last = merged.at(-1);
      if (last && from <= last.to) last.to = Math.max(last.to, to);
      else merged.push({ from, to });
    }
    this.#stalls = merged;
  }

  /** How much of the time until then the guest was awake. */
  at(time: number): number {
    let asleep = 0;
    for (const { from, to } of this.#stalls) {
      if (from >= time) break;
      asleep += Math.min(to, time) - from;
    }
    return time - asleep;
  }

  /** The time at which the guest had been awake for so long. */
  timeOf(awake: number): number {
    let time = awake;
    for (const { from, to } of this.#stalls) {
      if (from >= time) break;
      time += to - from;
    }
    return time;
  }
}
