/** `shell`: an ssh shell in a freshly booted guest with the recorder running. */
import { readLabConfig } from '../config/lab-config.ts';
import { RunFolder } from '../run/run-folder.ts';
import { Progress } from './progress.ts';
import { prepare, startGuest } from './run.ts';

export async function shellCommand(options: { guest?: string }, signal: AbortSignal): Promise<number> {
  const config = readLabConfig();
  const progress = new Progress();
  const preparation = await prepare(options.guest ?? config.guest, progress, signal);
  const folder = new RunFolder(config.runs.folder).machine(1);
  await using session = await startGuest({ preparation, config, folder, progress, signal });
  progress[Symbol.dispose]();
  const { stdin, stdout } = process;
  process.stderr.write(
    `the guest's console is in ${folder}/console.log; 'exit' ends the shell and the guest\n`,
  );
  if (stdin.isTTY) stdin.setRawMode(true);
  try {
    const size = { rows: stdout.rows || 24, columns: stdout.columns || 80 };
    return (await session.guest.shell(stdin, stdout, size)) ?? 0;
  } finally {
    if (stdin.isTTY) stdin.setRawMode(false);
    stdin.unref();
  }
}
