/** Things to be done when the evidence has passed a time: a binary heap, earliest first, equal times in order. */

interface Timer {
  due: number;
  ordinal: number;
  run: (reached: boolean) => void;
}

export class Timers {
  private readonly heap: Timer[] = [];
  private ordinal = 0;

  /** Time of the earliest, Infinity if there is none. */
  nextDue = Infinity;

  add(due: number, run: (reached: boolean) => void): void {
    const heap = this.heap;
    const timer = { due, ordinal: this.ordinal++, run };
    let index = heap.push(timer) - 1;
    while (index > 0) {
      const parent = (index - 1) >> 1;
      if (!before(timer, heap[parent]!)) break;
      heap[index] = heap[parent]!;
      index = parent;
    }
    heap[index] = timer;
    this.nextDue = heap[0]!.due;
  }

  take(): Timer | undefined {
    const heap = this.heap;
    const first = heap[0];
    const last = heap.pop();
    if (first && last && heap.length > 0) this.sink(last);
    this.nextDue = heap[0]?.due ?? Infinity;
    return first;
  }

  private sink(timer: Timer): void {
    const heap = this.heap;
    let index = 0;
    for (;;) {
      let child = 2 * index + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && before(heap[child + 1]!, heap[child]!)) child++;
      if (!before(heap[child]!, timer)) break;
      heap[index] = heap[child]!;
      index = child;
    }
    heap[index] = timer;
  }
}

const before = (one: Timer, other: Timer): boolean =>
  one.due < other.due || (one.due === other.due && one.ordinal < other.ordinal);
