/** `npm run bench`: figures with their baselines, from one run on this machine. No targets, no verdicts. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Clients } from '../lab/client/client-driver.ts';
import { Progress } from '../lab/commands/progress.ts';
import { prepare, startGuest } from '../lab/commands/run.ts';
import { readLabConfig } from '../lab/config/lab-config.ts';
import { EXIT } from '../lab/errors.ts';
import { columns } from '../lab/report/text.ts';
import type { GuestSession } from '../lab/run/guest-session.ts';
import { RunFolder } from '../lab/run/run-folder.ts';
import { measureChecker } from './checker.ts';

export interface Figure {
  name: string;
  value: number;
  unit: string;
  /** What `value` is compared with, measured in the same run. */
  baseline: { name: string; value: number } | null;
  /** value / baseline. */
  ratio: number | null;
}

const ECHO_PORT = 7;
const CONNECTIONS = 128;

export async function benchCommand(
  options: { json?: string; only?: string },
  signal: AbortSignal,
): Promise<number> {
  const wants = (name: string): boolean => options.only === undefined || name.includes(options.only);
  const figures = [
    ...(wants('checker') ? await checkerFigures() : []),
    ...(wants('guest') ? await guestFigures(signal) : []),
  ];
  if (options.json !== undefined) writeFileSync(options.json, `${JSON.stringify(figures, null, 2)}\n`);
  process.stdout.write(`${table(figures)}\n`);
  return EXIT.green;
}

function table(figures: readonly Figure[]): string {
  const rows = figures.map(({ name, value, unit, baseline, ratio }) => [
    name,
    `${Number(value.toPrecision(4))} ${unit}`,
    baseline ? `${Number(baseline.value.toPrecision(4))} ${unit} (${baseline.name})` : '',
    ratio === null ? '' : ratio.toFixed(3),
  ]);
  return columns(['figure', 'value', 'baseline', 'ratio'], rows, [1, 3]);
}

function figure(name: string, value: number, unit: string, baseline?: Figure['baseline']): Figure {
  return { name, value, unit, baseline: baseline ?? null, ratio: baseline ? value / baseline.value : null };
}

async function checkerFigures(): Promise<Figure[]> {
  const all = await measureChecker();
  const empty = await measureChecker(all.events, []);
  return [
    figure('checker, all rules', all.eventsPerSecond, 'events/s', {
      name: 'no rules',
      value: empty.eventsPerSecond,
    }),
    figure('checker, peak memory', all.peakRssBytes / 2 ** 20, 'MiB'),
  ];
}

async function guestFigures(signal: AbortSignal): Promise<Figure[]> {
  const config = readLabConfig();
  using progress = new Progress();
  const preparation = await prepare(config.guest, progress, signal);
  const folder = new RunFolder(config.runs.folder).machine(1);
  await using session = await startGuest({ preparation, config, folder, progress, signal });
  const began = performance.now();
  const driver = await session.install(await session.prepare('echo', join(folder, 'echo')), {
    Port: ECHO_PORT,
  });
  await driver.start();
  const deployMs = performance.now() - began;
  const rates = [];
  for (const atOnce of [1, 16, 64]) rates.push({ atOnce, rate: await connectionRate(session, atOnce) });
  await driver.stop();
  const single = { name: '1 at once', value: rates[0]!.rate };
  return [
    figure('guest, cold boot to ssh and agent', session.bootMs, 'ms'),
    figure('guest, cold boot to recorder', session.readyMs, 'ms'),
    figure('guest, driver deployed and started', deployMs, 'ms', {
      name: 'with a cold boot',
      value: session.readyMs + deployMs,
    }),
    ...rates.map(({ atOnce, rate }) =>
      figure(`guest, ${atOnce} clients at once`, rate, 'connections/s', single),
    ),
  ];
}

/** Connections made per second, each closed by its client; the driver is recorded by nobody. */
async function connectionRate({ guest }: GuestSession, atOnce: number): Promise<number> {
  await using clients = await Clients.start({ command: (argv) => guest.network.command(argv) });
  const endpoint = await guest.network.endpoint({ port: ECHO_PORT, family: 'ipv4' });
  const began = performance.now();
  const outcomes = await clients.connect({
    ...{ as: 'load', ...endpoint, count: CONNECTIONS, atOnce, withinMs: 60_000 },
  });
  const seconds = (performance.now() - began) / 1000;
  await clients.closeAll();
  return outcomes.filter(({ outcome }) => outcome === 'connected').length / seconds;
}
