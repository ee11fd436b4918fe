/**
 * What a scenario costs besides its own steps, and what a suite takes: on clones, and with a cold boot for every
 * scenario. Both run as a user runs them.
 */
import { join } from 'node:path';
import { execa } from 'execa';
import { projectRoot } from '../lab/project.ts';
import { readRunJson } from '../lab/report/run-json.ts';
import type { RunResult } from '../lab/report/run-result.ts';
import type { Bench } from './bench.ts';
import { figure, incomplete, median, type Figure } from './figure.ts';

/** Of the accept path; all of them with cold boots would take half an hour. */
const SCENARIOS = [
  'one-connection',
  'accept-by-irp',
  'half-close',
  'reject-every-second',
  'dispatch-level',
  'ipv6',
];
const JOBS = 2;

export async function* measureSuite(bench: Bench): AsyncGenerator<Figure> {
  const names = `${SCENARIOS.length} accept-path scenarios`;
  // The first one makes the template, where there is none yet; that is measured by `demo`.
  await run(bench, 'warm-up', []);
  const warm = await run(bench, 'clones', []);
  const cold = await run(bench, 'cold boots', ['--cold']);
  yield figure(`suite, ${names} on clones, --jobs ${JOBS}`, warm.durationMs / 1000, 's', {
    name: 'on cold boots',
    value: cold.durationMs / 1000,
  });
  yield figure('suite, a scenario on a clone without its steps', overheadMs(warm), 'ms', {
    name: 'on a cold boot',
    value: overheadMs(cold),
  });
}

/** Median of all phases but the steps: guest, deployed driver, drained and checked trace, tear-down. */
const overheadMs = ({ runs }: RunResult): number =>
  median(
    runs.map(
      ({ timingsMs }) => Object.values(timingsMs).reduce((a, b) => a + b, 0) - (timingsMs['steps'] ?? 0),
    ),
  );

async function run({ progress, folder, signal }: Bench, what: string, more: string[]): Promise<RunResult> {
  using work = progress.begin(`${SCENARIOS.length} scenarios, ${what}`);
  const json = join(folder.path, `suite-${what.replace(' ', '-')}.json`);
  const child = execa(
    process.execPath,
    ['scripts/lab.mjs', 'run', ...SCENARIOS, '--jobs', `${JOBS}`, '--json', json, ...more],
    { cwd: projectRoot, all: true, reject: false, cancelSignal: signal, forceKillAfterDelay: false },
  );
  child.stderr.on('data', (text: Buffer) => work.detail(text.toString().trim().split('\n').at(-1) ?? ''));
  const { exitCode, all } = await child;
  signal.throwIfAborted();
  if (exitCode !== 0) throw incomplete(`the suite on ${what} ended with ${exitCode}:\n${all.slice(-2000)}`);
  return readRunJson(json);
}
