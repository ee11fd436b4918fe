/** Speed and memory of the checker, each trace in a process of its own: what ran before must not count. */
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import type { Bench } from './bench.ts';
import type { CheckerFigures } from './checker.ts';
import { figure, type Figure } from './figure.ts';

const EVENTS = 1_000_000;
/** What memory is compared with: were it to follow the trace's length, it would differ. */
const FEW_EVENTS = 10_000;

export async function* measureChecker({ progress, signal }: Bench): AsyncGenerator<Figure> {
  const check = async (events: number, rules: 'all' | 'none') => {
    using _ = progress.begin(`the checker, ${events} events, ${rules} rules`);
    return await inProcess(events, rules, signal);
  };
  const all = await check(EVENTS, 'all');
  const none = await check(EVENTS, 'none');
  yield figure(`checker, ${all.rules} rules, ${all.events} events`, all.eventsPerSecond, 'events/s', {
    name: 'no rules',
    value: none.eventsPerSecond,
  });
  const few = await check(FEW_EVENTS, 'all');
  yield figure('checker, peak memory of the process', all.peakRssBytes / 2 ** 20, 'MiB', {
    name: `${few.events} events`,
    value: few.peakRssBytes / 2 ** 20,
  });
}

async function inProcess(events: number, rules: string, signal: AbortSignal): Promise<CheckerFigures> {
  const program = fileURLToPath(new URL('checker-process.ts', import.meta.url));
  const { stdout } = await execa(
    process.execPath,
    ['--import', import.meta.resolve('tsx'), program, String(events), rules],
    { cancelSignal: signal },
  );
  return JSON.parse(stdout) as CheckerFigures;
}
