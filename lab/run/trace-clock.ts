/**
 * Where trace_start lies on the host's CLOCK_MONOTONIC. Nobody can read both clocks at once; but whatever is known to have
 * come before something else on the other side narrows the place, in a guest that was stalled too.
 */
export class TraceClock {
  #earliest: bigint;
  #latest: bigint;

  /** The trace was asked for at `askedNs`, and had begun at `begunNs`. */
  constructor(askedNs: bigint, begunNs: bigint) {
    this.#earliest = askedNs;
    this.#latest = begunNs;
  }

  /** What the host asked for at `askedNs` was recorded at `time`, in ns since trace_start. */
  followed(time: number, askedNs: bigint): void {
    const earliest = askedNs - whole(time);
    if (earliest > this.#earliest) this.#earliest = earliest;
  }

  /** What was recorded at `time` was at the host by `arrivedNs`. */
  preceded(time: number, arrivedNs: bigint): void {
    const latest = arrivedNs - whole(time);
    if (latest < this.#latest) this.#latest = latest;
  }

  get startNs(): bigint {
    return (this.#earliest + this.#latest) / 2n;
  }

  /** How far off that may be. Where the clocks drifted apart, nothing fits both ends, and this is how far they are apart. */
  get errorNs(): number {
    return Math.abs(Number(this.#latest - this.#earliest)) / 2;
  }
}

const whole = (ns: number): bigint => BigInt(Math.round(ns));
