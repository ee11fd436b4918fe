/** Runs a tool of a build: what it says goes into the part's log, and its failure is the host's. */
import { appendFile } from 'node:fs/promises';
import { execa } from 'execa';
import { LabError } from '../../lab/errors.ts';
import type { PartContext } from '../../lab/image/image-recipe.ts';

export type LoggedRun = Pick<PartContext, 'log' | 'signal'>;

/** Gives stdout. Rejects with LAB_IMAGE_BUILD and the tool's last words, or the signal's reason. */
export async function runLogged(
  { log, signal }: LoggedRun,
  [program, ...args]: [string, ...string[]],
  options: { cwd?: string; env?: Record<string, string> } = {},
): Promise<string> {
  const result = await execa(program, args, {
    ...{ all: true, reject: false, stdin: 'ignore', ...options },
    env: { LC_ALL: 'C', ...options.env },
    ...(signal && { cancelSignal: signal }),
  });
  signal?.throwIfAborted();
  const said = result.all;
  await appendFile(log, `$ ${program} ${args.join(' ')}\n${said}\n`);
  if (result.exitCode === 0) return result.stdout;
  const words = said
    .split('\n')
    .filter((line) => line !== '')
    .slice(-4)
    .join(' | ');
  throw new LabError({
    code: 'LAB_IMAGE_BUILD',
    blame: 'host',
    message: `${program} for the stand-in's medium ended with ${result.signal ?? `exit code ${result.exitCode}`}: ${words || (result.shortMessage ?? '')}`,
    next: 'see the log; if packages could not be fetched, try `apt-get update` on this host',
    evidence: [log],
  });
}
