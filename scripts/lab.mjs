#!/usr/bin/env node
/**
 * `npm run lab -- <command>`: sets up what is missing, then becomes the lab. In this same process: a signal or a
 * kill reaches the lab itself, and its exit code is this one's.
 */
import { join } from 'node:path';
import { bootstrap, root } from './bootstrap.mjs';
import { loadProgram } from './load-program.mjs';

/** Commands that look at files only; the others need the guest and what builds it. `doctor` reports by itself. */
const WITHOUT_GUEST = ['check', 'trace', 'clauses', 'doctor', 'help'];

const args = process.argv.slice(2);
const [command, subcommand] = args.filter((arg) => !arg.startsWith('-'));
const isForReading =
  command === undefined || WITHOUT_GUEST.includes(command) || args.includes('--help') || args.includes('-h');
const isForWindows = command === 'image' && subcommand === 'inspect';

await bootstrap(isForReading ? [] : [isForWindows ? 'windows' : 'lab']);
await loadProgram(join(root, 'lab', 'cli.ts'), {
  sources: ['lab', 'specs', 'images', 'bench', 'faults'].map((folder) => join(root, folder)),
  bundles: join(root, 'node_modules', '.cache', 'wsklab'),
});
