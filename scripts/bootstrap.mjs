/** All that a clean clone on a fresh machine needs before the lab's own code can run. Plain Node, no packages. */
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ensureDebianPackages } from './debian-packages.mjs';
import { ensureNpmPackages } from './npm-packages.mjs';
import { SetupError } from './setup-error.mjs';

export const root = dirname(dirname(fileURLToPath(import.meta.url)));
const OLDEST_NODE = [20, 19];

/**
 * Sets up what is missing; says nothing when nothing is. Ends the process with code 3 when it cannot.
 *
 * @param {('lab' | 'windows' | 'test')[]} purposes Debian packages for what; none for commands that need no guest
 */
export async function bootstrap(purposes) {
  try {
    checkNode();
    if (process.env.WSKLAB_PACKAGES !== 'present') await ensureDebianPackages(purposes);
    await ensureNpmPackages(root);
  } catch (error) {
    if (!(error instanceof SetupError)) throw error;
    process.stderr.write(`error LAB_SETUP (blame: host): ${error.message}\n`);
    process.exit(error.exitCode);
  }
}

function checkNode() {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  const [oldestMajor, oldestMinor] = OLDEST_NODE;
  if (major > oldestMajor || (major === oldestMajor && minor >= oldestMinor)) return;
  throw new SetupError(
    `Node.js ${process.versions.node} is too old: the lab needs ${OLDEST_NODE.join('.')} or later`,
  );
}
