/** `check`: judges a stored trace again, with the capture and the clients' log that lie beside it. */
import { existsSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { LabError } from '../errors.ts';
import { exitCode } from '../report/outcome.ts';
import { writeRunJson } from '../report/run-json.ts';
import { RUN_FORMAT, type RunResult } from '../report/run-result.ts';
import { renderRun } from '../report/terminal.ts';
import { crashFault } from '../run/crash.ts';
import { judge } from '../run/judge.ts';
import { faultOf } from '../run/result-fault.ts';
import { scenarioFolder, type ScenarioFolder } from '../run/run-folder.ts';
import { loadRules } from '../../specs/rules/index.ts';
import { clauseFacts } from './clause-facts.ts';

/** Takes a trace folder, or the scenario's folder that holds it. Gives the exit code. */
export async function checkCommand(path: string, options: { json?: string }): Promise<number> {
  const began = new Date();
  const rules = await loadRules();
  const folder = findTrace(path);
  const verdicts = await judge(folder, rules);
  const crash = await crashFault(folder);
  const result: RunResult = {
    format: RUN_FORMAT,
    startedAt: began.toISOString(),
    durationMs: Date.now() - began.getTime(),
    folder: folder.path,
    timingsMs: {},
    clauses: clauseFacts(rules),
    runs: [
      {
        scenario: basename(folder.path),
        name: `the stored trace ${folder.trace}`,
        ...{ driver: 'as recorded', seed: 1, folder: folder.path, command: `npm run lab -- check ${path}` },
        ...{ timingsMs: {}, records: 0, lostRecords: 0, exercises: [], failures: [], verdicts },
        expected: { violated: [] },
        ...(crash && { fault: faultOf(crash) }),
      },
    ],
  };
  if (options.json !== undefined) writeRunJson(options.json, result);
  process.stdout.write(`${renderRun(result, { width: process.stdout.columns || 100 })}\n`);
  return exitCode(result);
}

/** The scenario folder that a trace is part of. */
export function findTrace(path: string): ScenarioFolder {
  const given = resolve(path);
  if (existsSync(join(given, 'trace', 'metadata'))) return scenarioFolder(given);
  if (existsSync(join(given, 'metadata'))) return { ...scenarioFolder(dirname(given)), trace: given };
  throw new LabError({
    code: 'LAB_TRACE_MISSING',
    blame: 'usage',
    message: `no trace at '${path}': neither a CTF folder (metadata, stream_0) nor a scenario's folder with trace/ in it`,
    next: 'give a folder below runs/, such as runs/<run>/<scenario>',
  });
}
