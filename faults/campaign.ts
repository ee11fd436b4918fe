/** `faults`: each fault so many times, at random moments of real runs, and what came of it. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { cp, rm } from 'node:fs/promises';
import pc from 'picocolors';
import { prepare } from '../lab/commands/guests.ts';
import { Progress } from '../lab/commands/progress.ts';
import { readLabConfig } from '../lab/config/lab-config.ts';
import { chosenNames } from '../lab/config/chosen-names.ts';
import { EXIT, LabError } from '../lab/errors.ts';
import { duration } from '../lab/report/text.ts';
import { channelFaults } from './channel-faults.ts';
import { ChildLab } from './child-lab.ts';
import type { Fault } from './fault.ts';
import { fileFaults } from './file-faults.ts';
import { INVARIANTS } from './invariants.ts';
import { labFaults } from './lab-faults.ts';
import { markOf } from './marked-processes.ts';
import { SCENARIOS } from './moments.ts';
import { Case, newestRun, type CaseResult } from './one-case.ts';
import { OwnCache } from './own-cache.ts';
import { processFaults } from './process-faults.ts';

export const FAULTS: Readonly<Record<string, Fault>> = {
  ...processFaults,
  ...channelFaults,
  ...fileFaults,
  ...labFaults,
};

export interface CampaignOptions {
  /** The first case of each fault has this seed, the next one the next. */
  seed?: number;
  each?: number;
  only?: string;
  json?: string;
  resume?: boolean;
}

export async function faultsCommand(options: CampaignOptions, signal: AbortSignal): Promise<number> {
  const { seed: first = 1, each = 1 } = options;
  const names = chosenNames(options.only, Object.keys(FAULTS), 'fault');
  const config = readLabConfig();
  using progress = new Progress();
  const results = options.resume && options.json ? readResults(options.json) : [];
  const preparation = await prepare(config.guest, { progress, signal });
  const { bootMs: set } = config.timeouts;
  const bootMs = set === 'auto' ? preparation.guest.bootTimeoutMs.tcg : set;
  const cache = await OwnCache.open(preparation);
  await healthyRun(cache, progress, signal);
  // Of another version's, nobody would notice what happens to it.
  if (await cache.removeAmbiguousTemplates()) await healthyRun(cache, progress, signal);
  for (let seed = first; seed < first + each; seed++)
    for (const name of names) {
      signal.throwIfAborted();
      if (results.some((it) => it.fault === name && it.seed === seed)) continue;
      const fault = FAULTS[name]!;
      if (fault.impossible?.() !== undefined) continue;
      using _ = progress.begin(`${name}, seed ${seed}`);
      const result = await new Case({ name, fault, seed, cache, config, bootMs, signal }).run();
      results.push(result);
      progress.print(caseLines(result).join('\n'));
      // What is known is kept, whatever comes.
      if (options.json !== undefined) writeFileSync(options.json, `${JSON.stringify(results, null, 2)}\n`);
    }
  process.stdout.write(`\n${summary(results, names)}\n`);
  return results.some(({ broken }) => broken.length > 0) ? EXIT.violated : EXIT.green;
}

function readResults(path: string): CaseResult[] {
  return existsSync(path) ? (JSON.parse(readFileSync(path, 'utf8')) as CaseResult[]) : [];
}

/** A run to which nothing happens: it makes the template, and shows that this host can run the scenarios at all. */
async function healthyRun(cache: OwnCache, progress: Progress, signal: AbortSignal): Promise<void> {
  using work = progress.begin('a run without a fault');
  const lab = new ChildLab(['run', ...SCENARIOS], cache, { mark: markOf(`healthy-${process.pid}`), env: {} });
  const stop = () => lab.killGroup('SIGKILL');
  signal.addEventListener('abort', stop);
  const end = await lab.ended.finally(() => signal.removeEventListener('abort', stop));
  signal.throwIfAborted();
  if (end !== 0)
    throw new LabError({
      code: 'LAB_FAULTS_BASELINE',
      blame: 'host',
      message: `a run without a fault ended with ${end}:\n${lab.output.trim()}`,
      next: `npm run lab -- run ${SCENARIOS.join(' ')}`,
    });
  await rm(cache.healthy, { recursive: true, force: true });
  await cp(newestRun(cache), cache.healthy, { recursive: true });
  work.end();
}

function caseLines({ fault, seed, phase, strikeMs, outcome, afterMs, broken }: CaseResult): string[] {
  const mark = broken.length > 0 ? pc.red('✗') : pc.green('✓');
  const moment = phase === 'before' ? 'before' : `${phase} +${strikeMs} ms`;
  const again = pc.dim(`npm run faults -- --only ${fault} --seed ${seed}`);
  const words = `${fault.padEnd(20)} ${moment.padEnd(20)} ${outcome.padEnd(24)} ${duration(afterMs).padStart(7)}`;
  return [
    `${mark} ${words}  ${again}`,
    ...broken.map((each) => pc.red(`    ${each.invariant}: ${each.words}`)),
  ];
}

function summary(results: readonly CaseResult[], names: readonly string[]): string {
  const lines = names.map((name) => {
    const cases = results.filter(({ fault }) => fault === name);
    const why = FAULTS[name]!.impossible?.();
    if (cases.length === 0 && why !== undefined) return row(name, 0, '', `left out: ${why}`);
    const longest = cases.length === 0 ? '' : duration(Math.max(...cases.map(({ afterMs }) => afterMs)));
    const broken = cases.filter(isBroken).length;
    const outcomes = counted(cases.map(({ outcome }) => outcome));
    return row(
      name,
      cases.length,
      longest,
      broken === 0 ? outcomes : `${outcomes} ${pc.red(`(${broken} broken)`)}`,
    );
  });
  const broken = results.filter(isBroken).length;
  const held = Object.entries(INVARIANTS).map(([name, text]) => {
    const count = results.filter((each) => each.broken.some(({ invariant }) => invariant === name)).length;
    return `${count === 0 ? pc.green('✓') : pc.red('✗')} ${name.padEnd(8)} ${text}${count === 0 ? '' : `: broken in ${count}`}`;
  });
  const total = `${results.length} cases, ${broken} with a broken invariant`;
  return [row('fault', 'cases', 'longest', 'outcomes'), ...lines, '', ...held, '', total].join('\n');
}

const row = (fault: string, cases: number | string, longest: string, outcomes: string): string =>
  `${fault.padEnd(20)} ${`${cases}`.padStart(5)} ${longest.padStart(8)}  ${outcomes}`;

const isBroken = ({ broken }: CaseResult): boolean => broken.length > 0;

/** `3 green, 2 LAB_GUEST_GONE`. */
function counted(words: readonly string[]): string {
  const counts = new Map<string, number>();
  for (const word of words) counts.set(word, (counts.get(word) ?? 0) + 1);
  return [...counts].map(([word, count]) => `${count} ${word}`).join(', ');
}
