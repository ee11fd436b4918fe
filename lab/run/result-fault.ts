/** An error as a run's result keeps it. */
import { LabError } from '../errors.ts';
import { hostFileError } from '../host-file-error.ts';
import type { Fault } from '../report/run-result.ts';

/**
 * `signal` is the run's. A Ctrl-C reaches the processes that the lab has started as well, and the end of one of them may be
 * seen first: what nobody thought of is then no defect.
 */
export function faultOf(thrown: unknown, signal?: AbortSignal): Fault {
  const first = firstOf(thrown);
  const error = hostFileError(first) ?? first;
  if (!(error instanceof LabError)) {
    if (signal?.aborted && signal.reason instanceof LabError) return faultOf(signal.reason);
    const message = error instanceof Error ? (error.stack ?? error.message) : String(error);
    return { code: 'LAB_UNEXPECTED', blame: 'lab', message, evidence: [] };
  }
  const { code, blame, message, next, evidence } = error;
  return { code, blame, message, evidence, ...(next !== undefined && { next }) };
}

/** What went wrong first: an undo that fails afterwards, for the same reason, wraps it (SuppressedError). */
function firstOf(error: unknown): unknown {
  if (error instanceof Error && 'suppressed' in error) return firstOf(error.suppressed);
  if (!(error instanceof LabError) && error instanceof Error && error.cause instanceof LabError)
    return error.cause;
  return error;
}
