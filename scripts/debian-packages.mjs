/** The Debian packages that the lab uses: which are missing, and their installation. */
import { readFileSync } from 'node:fs';
import { withProgress } from './progress.mjs';
import { runProgram } from './run-program.mjs';
import { SetupError } from './setup-error.mjs';

/** @type {Record<string, Record<string, string>>} package names and what each is for, by purpose */
const LISTS = JSON.parse(readFileSync(new URL('debian-packages.json', import.meta.url), 'utf8'));

const INSTALL = ['install', '--yes', '--no-install-recommends'];

/**
 * Installs what is missing, after saying which: as root, or by sudo where that needs no password. Otherwise the
 * one line to run is in the error.
 *
 * @param {('lab' | 'windows' | 'test')[]} purposes
 */
export async function ensureDebianPackages(purposes) {
  const reasons = Object.assign({}, ...purposes.map((purpose) => LISTS[purpose]));
  const missing = await missingPackages(Object.keys(reasons));
  if (missing.length === 0) return;
  process.stderr.write('These Debian packages are needed and not installed:\n');
  for (const name of missing) process.stderr.write(`  ${name.padEnd(26)} ${reasons[name]}\n`);
  const asRoot = await rootCommand();
  if (!asRoot) {
    throw new SetupError(
      'installing them needs root. Run this line, then the same command again:\n\n' +
        `  sudo apt-get update && sudo DEBIAN_FRONTEND=noninteractive apt-get ${[...INSTALL, ...missing].join(' ')}\n`,
    );
  }
  await aptGet(asRoot, ['update'], 'reading the list of Debian packages');
  await aptGet(asRoot, [...INSTALL, ...missing], `installing ${missing.length} Debian packages`);
}

/** Those of `names` that dpkg does not have as installed. */
export async function missingPackages(names) {
  if (names.length === 0) return [];
  const { exitCode, output } = await runProgram('dpkg-query', [
    '--show',
    '--showformat=${Package} ${db:Status-Status}\n',
    ...names,
  ]);
  if (exitCode === 127) {
    throw new SetupError(
      `this is not Debian, or not one with dpkg; install what these packages hold, then set WSKLAB_PACKAGES=present: ${names.join(' ')}`,
    );
  }
  const installed = new Set(
    output
      .split('\n')
      .filter((line) => line.endsWith(' installed'))
      .map((line) => line.split(' ')[0]),
  );
  return names.filter((name) => !installed.has(name));
}

/** What to put before a command so that root runs it; undefined when there is no way without asking. */
async function rootCommand() {
  if (process.getuid() === 0) return [];
  const { exitCode } = await runProgram('sudo', ['-n', 'true']);
  return exitCode === 0 ? ['sudo', '-n'] : undefined;
}

/** `noninteractive`: no package may stop to ask (tshark would: who may capture packets; nobody, by default). */
async function aptGet(asRoot, args, title) {
  const [file, ...rest] = [...asRoot, 'env', 'DEBIAN_FRONTEND=noninteractive', 'apt-get', ...args];
  const { exitCode, output } = await withProgress(title, () => runProgram(file, rest));
  if (exitCode === 0) return;
  throw new SetupError(
    `apt-get ${args[0]} ended with exit code ${exitCode}:\n${output.slice(-4000)}\n` +
      'check the network and the sources in /etc/apt, then run the same command again',
  );
}
