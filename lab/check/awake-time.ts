/**
 * Time without the stalls of the guest. A guest that did not run (its QEMU was stopped, the host had no processor for
 * it) is not late: the lab's bounds count only time in which it could.
 */

/** Nanoseconds of trace time in which the guest did not run. */
export interface Stall {
  from: number;
  to: number;
}

/** With how much of all stalls lies before it. */
interface PlacedStall extends Stall {
  before: number;
}

export class AwakeTime {
  readonly #stalls: readonly PlacedStall[];

  /** Stalls may come in any order and may overlap. */
  constructor(stalls: readonly Stall[] = []) {
    const merged: PlacedStall[] = [];
    for (const { from, to } of [...stalls].sort((a, b) => a.from - b.from)) {
      const last = merged.at(-1);
      if (last && from <= last.to) last.to = Math.max(last.to, to);
      else merged.push({ from, to, before: last ? last.before + last.to - last.from : 0 });
    }
    this.#stalls = merged;
  }

  /** How much of the time until then the guest was awake. */
  at(time: number): number {
    const last = this.#lastWhere(({ from }) => from < time);
    return last ? time - last.before - (Math.min(last.to, time) - last.from) : time;
  }

  /** The time at which the guest had been awake for so long. */
  timeOf(awake: number): number {
    const last = this.#lastWhere(({ from, before }) => from - before < awake);
    return last ? awake + last.before + last.to - last.from : awake;
  }

  /** The condition is true of some first ones, and of no others. */
  #lastWhere(isBefore: (stall: PlacedStall) => boolean): PlacedStall | undefined {
    let low = 0;
    for (let high = this.#stalls.length; low < high;) {
      const middle = (low + high) >> 1;
      if (isBefore(this.#stalls[middle]!)) low = middle + 1;
      else high = middle;
    }
    return this.#stalls[low - 1];
  }
}
