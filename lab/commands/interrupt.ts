/**
 * Ctrl-C, SIGTERM and SIGHUP end a command in order: the signal aborts what waits, and every stage undoes
 * itself. A second Ctrl-C ends the process at once; QEMU and the namespace end with it (PDEATHSIG).
 */
import { LabError } from '../errors.ts';

const SIGNALS = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 } as const;

/** The one abort signal of this process; its reason is a LabError LAB_INTERRUPTED. */
export function interruptSignal(): AbortSignal {
  const controller = new AbortController();
  for (const [name, exitCode] of Object.entries(SIGNALS)) {
    process.on(name, () => {
      if (controller.signal.aborted) process.exit(exitCode);
      process.exitCode = exitCode;
      process.stderr.write(`\n${name}: ending in order; once more to end at once\n`);
      controller.abort(
        new LabError({ code: 'LAB_INTERRUPTED', blame: 'usage', message: `ended by ${name}` }),
      );
    });
  }
  return controller.signal;
}
