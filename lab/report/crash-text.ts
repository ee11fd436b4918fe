/** Guests that crashed or hung: what stopped them in words, and every file that was taken of them. */
import pc from 'picocolors';
import type { RunResult, ScenarioRun } from './run-result.ts';
import { wrapped } from './text.ts';

/** One section for each run whose guest crashed. */
export function crashLines({ runs }: RunResult, width: number): string[][] {
  return runs.flatMap((run) => (run.crash ? [oneCrash(run, run.crash, width)] : []));
}

function oneCrash(
  { scenario, seed }: ScenarioRun,
  crash: NonNullable<ScenarioRun['crash']>,
  width: number,
): string[] {
  const { what, bugcheck, words = [], artefacts, notes } = crash;
  const indent = '  ';
  return [
    `${pc.red('crash')} ${pc.bold(what)} in ${scenario}${seed === 1 ? '' : ` (seed ${seed})`}`,
    ...words.flatMap((word) => wrapped(word, { width, indent })),
    ...(bugcheck === undefined ? [] : [pc.dim(`${indent}bugcheck ${bugcheck}`)]),
    ...artefacts.map(
      (each) => `${indent}${sizeText(each.bytes).padStart(9)}  ${each.path}  ${pc.dim(each.what)}`,
    ),
    ...notes.flatMap((note) => wrapped(note, { width, indent }).map(pc.yellow)),
  ];
}

function sizeText(bytes: number): string {
  if (bytes < 1024) return `${bytes} B`;
  return bytes < 2 ** 20 ? `${Math.round(bytes / 1024)} KiB` : `${Math.round(bytes / 2 ** 20)} MiB`;
}
