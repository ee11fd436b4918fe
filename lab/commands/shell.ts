/** `shell`: an ssh shell in a guest of its own, with the recorder running. */
import { readLabConfig } from '../config/lab-config.ts';
import { RunFolder } from '../run/run-folder.ts';
import { openShownGuests, prepare } from './guests.ts';
import { Progress } from './progress.ts';

export async function shellCommand(
  options: { guest?: string; cold?: boolean },
  signal: AbortSignal,
): Promise<number> {
  const config = readLabConfig();
  const progress = new Progress();
  const preparation = await prepare(options.guest ?? config.guest, { progress, signal });
  const folder = new RunFolder(config.runs.folder);
  await using guests = await openShownGuests({
    ...{ preparation, config, folder, jobs: 1, expected: 1, cold: options.cold ?? false, progress, signal },
  });
  await using session = await guests.take();
  progress[Symbol.dispose]();
  const { stdin, stdout } = process;
  process.stderr.write(
    `the guest's console is in ${session.folder}/console.log; 'exit' ends the shell and the guest\n`,
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
