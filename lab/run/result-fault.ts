/** An error as a run's result keeps it. */
import { LabError } from '../errors.ts';
import { hostFileError } from '../host-file-error.ts';
import type { Fault } from '../report/run-result.ts';

export function faultOf(thrown: unknown): Fault {
  const first = firstOf(thrown);
  const error = hostFileError(first) ?? first;
  if (!(error instanceof LabError)) {
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
