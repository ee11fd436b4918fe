/** node_modules as package-lock.json wants it. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { withProgress } from './progress.mjs';
import { runProgram } from './run-program.mjs';
import { SetupError } from './setup-error.mjs';

/** Runs `npm ci` unless what is installed is what the lock file names. */
export async function ensureNpmPackages(root) {
  if (isInstalled(root)) return;
  const npm = process.env.npm_execpath;
  const [file, ...before] = npm?.endsWith('.js') ? [process.execPath, npm] : ['npm'];
  const { exitCode, output } = await withProgress('installing npm packages', () =>
    runProgram(file, [...before, 'ci', '--no-audit', '--no-fund'], { cwd: root }),
  );
  if (exitCode !== 0)
    throw new SetupError(`npm ci ended with exit code ${exitCode}:\n${output.slice(-4000)}`);
}

/**
 * npm writes node_modules/.package-lock.json as its last act, so an interrupted installation is not taken for a
 * whole one. Packages for other systems are listed as optional and not installed.
 */
export function isInstalled(root) {
  const wanted = lockedPackages(join(root, 'package-lock.json'));
  const installed = lockedPackages(join(root, 'node_modules', '.package-lock.json'));
  if (!wanted || !installed) return false;
  return Object.entries(wanted).every(
    ([path, { version, integrity, optional }]) =>
      path === '' ||
      (installed[path]
        ? installed[path].version === version && installed[path].integrity === integrity
        : optional === true),
  );
}

function lockedPackages(path) {
  try {
    return JSON.parse(readFileSync(path, 'utf8')).packages;
  } catch {
    return undefined;
  }
}
