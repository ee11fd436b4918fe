/** `npm run bench`: figures with their baselines, from one run on this machine. No targets, no verdicts. */
import { writeFileSync } from 'node:fs';
import { cpus, loadavg } from 'node:os';
import { Progress } from '../lab/commands/progress.ts';
import { readLabConfig, type LabConfig } from '../lab/config/lab-config.ts';
import { chosenNames } from '../lab/config/chosen-names.ts';
import { EXIT } from '../lab/errors.ts';
import { RunFolder } from '../lab/run/run-folder.ts';
import { measureChecker } from './checker-figures.ts';
import { measureClones } from './clones.ts';
import { measureDemo } from './demo.ts';
import { figure, figureLine, type Figure } from './figure.ts';
import { measureGuest } from './guest.ts';
import { measureRecorder } from './recorder.ts';
import { measureSuite } from './suite.ts';

export interface Bench {
  config: LabConfig;
  folder: RunFolder;
  progress: Progress;
  signal: AbortSignal;
}

/** What `--only` chooses from, in the order in which it is measured. */
const MEASUREMENTS: Record<string, (bench: Bench) => AsyncIterable<Figure>> = {
  host: measureHost,
  checker: measureChecker,
  guest: measureGuest,
  recorder: measureRecorder,
  clones: measureClones,
  suite: measureSuite,
  demo: measureDemo,
};

/** Figures are printed as they come. `only`: names from MEASUREMENTS, with commas between. */
export async function benchCommand(
  options: { json?: string; only?: string },
  signal: AbortSignal,
): Promise<number> {
  const chosen = chosenNames(options.only, Object.keys(MEASUREMENTS), 'measurement');
  const config = readLabConfig();
  using progress = new Progress();
  const bench = { config, folder: new RunFolder(config.runs.folder), progress, signal };
  const figures: Figure[] = [];
  for (const name of chosen) {
    for await (const each of MEASUREMENTS[name]!(bench)) {
      signal.throwIfAborted();
      figures.push(each);
      progress.print(figureLine(each));
      // What has been measured is kept, whatever comes.
      if (options.json !== undefined) writeFileSync(options.json, `${JSON.stringify(figures, null, 2)}\n`);
    }
  }
  return EXIT.green;
}

/** How busy the host is: on a loaded one, every time below is that of a loaded one. */
// eslint-disable-next-line @typescript-eslint/require-await -- has the form of the others
async function* measureHost(): AsyncGenerator<Figure> {
  const cores = { name: 'cores', value: cpus().length };
  yield figure('host, load average of the last minute', loadavg()[0]!, 'processes', cores);
}
