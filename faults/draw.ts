/** What chance decides in a case, from its seed: the same whatever else is drawn, and in whatever order. */
import { createHash } from 'node:crypto';

export class Draw {
  readonly #case: string;

  constructor(fault: string, seed: number) {
    this.#case = `${fault} ${seed}`;
  }

  /** From 0 up to, and not including, 1. */
  fraction(what: string): number {
    return createHash('sha256').update(`${this.#case} ${what}`).digest().readUIntBE(0, 6) / 2 ** 48;
  }

  /** A whole number from 0 up to, and not including, `end`. */
  below(what: string, end: number): number {
    return Math.floor(this.fraction(what) * end);
  }

  pick<T>(what: string, from: readonly T[]): T {
    return from[this.below(what, from.length)]!;
  }
}
