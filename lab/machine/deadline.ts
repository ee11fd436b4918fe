/** The one way to wait: with a deadline, and with words that say what was waited for. */
import { LabError, type LabErrorDetails } from '../errors.ts';

/** What to say when the wait was in vain. `message` names the thing waited for; the time is appended. */
export interface Deadline extends LabErrorDetails {
  timeoutMs: number;
  /** Read at the moment of failure, for what has been seen until then. */
  seen?: () => string;
}

/** Settles as `promise` does, or rejects with the LabError described by `deadline`. */
export async function within<T>(promise: Promise<T>, deadline: Deadline): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const expiry = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      const { timeoutMs, seen, message, ...details } = deadline;
      const waited = Math.round(timeoutMs);
      const suffix = seen ? ` (${seen()})` : '';
      reject(new LabError({ ...details, message: `${message} within ${waited} ms${suffix}` }));
    }, deadline.timeoutMs);
  });
  try {
    return await Promise.race([promise, expiry]);
  } finally {
    clearTimeout(timer);
  }
}
