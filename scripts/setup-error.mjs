/** What stopped the set-up, in words for a person; exit code 3 (see lab/errors.ts: the host is at fault). */
export class SetupError extends Error {
  exitCode = 3;
}
