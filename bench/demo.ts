/**
 * `npm run demo` by phase, first and later run, in a fresh clone of HEAD with an empty cache folder, so that the
 * user's own is left alone. Debian's packages are there already, and npm's cache is the user's.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { projectRoot } from '../lab/project.ts';
import { readRunJson } from '../lab/report/run-json.ts';
import type { Bench } from './bench.ts';
import { figure, incomplete, type Figure } from './figure.ts';

const PHASES = ['set-up', 'drivers', 'image', 'template', 'deploy', 'scenarios', 'whole'] as const;
type Seconds = Record<(typeof PHASES)[number], number>;

export async function* measureDemo(bench: Bench): AsyncGenerator<Figure> {
  const folder = await mkdtemp(join(tmpdir(), 'wsklab-bench-'));
  try {
    await execa('git', ['clone', '--quiet', projectRoot, join(folder, 'clone')]);
    const first = await runDemo(bench, folder, 'first');
    for (const phase of PHASES)
      yield figure(`demo, first run: ${phase}`, first[phase], 's', {
        name: 'whole first run',
        value: first.whole,
      });
    const later = await runDemo(bench, folder, 'later');
    for (const phase of PHASES)
      yield figure(`demo, later run: ${phase}`, later[phase], 's', {
        name: 'first run',
        value: first[phase],
      });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function runDemo({ progress, signal }: Bench, folder: string, which: string): Promise<Seconds> {
  using work = progress.begin(`npm run demo, ${which} run`);
  const json = join(folder, `${which}.json`);
  const beganAt = Date.now();
  const demo = execa(process.execPath, ['scripts/lab.mjs', 'demo', '--json', json], {
    cwd: join(folder, 'clone'),
    env: { WSKLAB_CACHE: join(folder, 'cache') },
    // It ends in order and leaves nothing; killed it could not.
    ...{ cancelSignal: signal, forceKillAfterDelay: false, reject: false, all: true },
  });
  demo.stderr.on('data', (text: Buffer) => work.detail(text.toString().trim().split('\n').at(-1) ?? ''));
  const { exitCode, all } = await demo;
  signal.throwIfAborted();
  const wholeMs = Date.now() - beganAt;
  if (exitCode !== 0)
    progress.warn(`the ${which} demo ended with exit code ${exitCode}:\n${all.slice(-3000)}`);
  const { startedAt, timingsMs, runs, fault } = readRunJson(json);
  if (fault) throw incomplete(`the ${which} demo: ${fault.code}: ${fault.message}`);
  const scenarioMs = (wanted: (phase: string) => boolean) =>
    sum(
      runs.flatMap((run) => Object.entries(run.timingsMs).flatMap(([name, ms]) => (wanted(name) ? ms : []))),
    );
  const { drivers = 0, image = 0, template = 0 } = timingsMs;
  const ms = {
    'set-up': Date.parse(startedAt) - beganAt,
    ...{ drivers, image, template },
    deploy: scenarioMs((name) => name === 'deploy'),
    scenarios: scenarioMs((name) => name !== 'deploy'),
    whole: wholeMs,
  };
  return Object.fromEntries(PHASES.map((phase) => [phase, ms[phase] / 1000])) as Seconds;
}

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);
