/**
 * A command goes on when nobody takes its output any more: a reader that has enough (`| head`), or a night's log whose
 * disk is full. What it finds out is in its files.
 */
import { EXIT, LabError } from '../errors.ts';
import { errorLines } from './print-error.ts';

/** What a reader did not want is not lost; anything else that could not be printed ends a green command as a fault. */
export function keepOnWithoutOutput(): void {
  let lost: LabError | undefined;
  for (const name of ['stdout', 'stderr'] as const)
    process[name].on('error', (cause: NodeJS.ErrnoException) => {
      if (cause.code === 'EPIPE') return;
      lost ??= new LabError({
        ...{
          code: 'LAB_OUTPUT_LOST',
          blame: 'host',
          message: `${name} could not be written to its end`,
          cause,
        },
        next: 'free space where it goes to; the results are in the run folder, and in what --json and --junit name',
      });
    });
  // Only there has the last write come to its end.
  process.once('exit', () => {
    if (lost === undefined || (process.exitCode ?? EXIT.green) !== EXIT.green) return;
    process.stderr.write(`${errorLines(lost).join('\n')}\n`);
    process.exitCode = lost.exitCode;
  });
}
