/** Runs a program to its end, keeping its output for when it fails. */
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

/** The end of the output that is kept, in characters. */
const KEPT = 200_000;

/**
 * @param {string} file
 * @param {string[]} args
 * @param {{ env?: Record<string, string>, cwd?: string, onLine?: (line: string) => void }} [options]
 *   `onLine` sees each line of the output as it comes
 * @returns {Promise<{ exitCode: number | null, signal: NodeJS.Signals | null, output: string }>}
 *   exitCode 127 when there is no such program
 */
export function runProgram(file, args, { env = {}, cwd, onLine } = {}) {
  return new Promise((resolve) => {
    let output = '';
    const child = spawn(file, args, {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, ...env },
      ...(cwd && { cwd }),
    });
    const forward = (signal) => child.kill(signal);
    process.on('SIGTERM', forward).on('SIGHUP', forward);
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text) => (output = (output + text).slice(-KEPT)));
      if (onLine) createInterface({ input: stream }).on('line', onLine);
    }
    const finish = (result) => {
      process.off('SIGTERM', forward).off('SIGHUP', forward);
      resolve({ ...result, output });
    };
    child.on('error', (error) => {
      output += `${file}: ${error.message}\n`;
      finish({ exitCode: 127, signal: null });
    });
    child.on('close', (exitCode, signal) => finish({ exitCode, signal }));
  });
}
