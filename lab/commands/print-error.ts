/** How an error looks on the terminal: what, whose, why, where the evidence is, and what to do next. */
import pc from 'picocolors';
import { EXIT, LabError } from '../errors.ts';
import { hostFileError } from '../host-file-error.ts';

/** The lines to print for any thrown value. */
export function errorLines(thrown: unknown): string[] {
  const error = hostFileError(thrown) ?? abortReason(thrown) ?? thrown;
  if (!(error instanceof LabError)) {
    const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
    return [
      `${pc.red('error')} LAB_UNEXPECTED: ${text}`,
      '  this is a defect of the lab, please report it with the lines above',
    ];
  }
  return [
    `${pc.red('error')} ${error.code} (blame: ${error.blame}): ${error.message}`,
    ...causes(error.cause)
      .filter((text) => !error.message.includes(text))
      .map((text) => `  because: ${text}`),
    ...error.evidence.map((path) => `  see: ${path}`),
    ...(error.next === undefined ? [] : [`  next: ${error.next}`]),
  ];
}

export function exitCodeOf(error: unknown): number {
  return error instanceof LabError ? error.exitCode : EXIT.fault;
}

/** Node's own waits reject with an AbortError, whose cause is what the signal was aborted with. */
function abortReason(thrown: unknown): LabError | undefined {
  const isAbort = thrown instanceof Error && thrown.name === 'AbortError';
  return isAbort && thrown.cause instanceof LabError ? thrown.cause : undefined;
}

function causes(cause: unknown): string[] {
  if (cause === undefined || cause === null) return [];
  if (!(cause instanceof Error)) return [typeof cause === 'string' ? cause : JSON.stringify(cause)];
  const text = cause instanceof LabError ? `${cause.code}: ${cause.message}` : cause.message;
  return [text, ...causes(cause.cause)];
}
