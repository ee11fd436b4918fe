/** The log of client operations as the worker writes it: numbers them and puts their times on one origin. */
import type { ClientOperation } from './operation.ts';

/** An operation without what the log adds. */
export type LoggedOperation = Omit<ClientOperation, 'id' | 'endedNs'>;

export class OperationLog {
  readonly #origin: bigint;
  readonly #write: (operation: ClientOperation) => void;
  #next = 0;

  /** `origin` is a reading of CLOCK_MONOTONIC in nanoseconds; every process of this machine shares that clock. */
  constructor(origin: bigint, write: (operation: ClientOperation) => void) {
    this.#origin = origin;
    this.#write = write;
  }

  /** Nanoseconds since the origin. */
  now(): number {
    return Number(process.hrtime.bigint() - this.#origin);
  }

  /** Logs an operation that ends at this moment. */
  ended(operation: LoggedOperation): void {
    const { beganNs, ...rest } = operation;
    this.#write({ id: this.#next++, ...rest, beganNs, endedNs: this.now() });
  }
}
