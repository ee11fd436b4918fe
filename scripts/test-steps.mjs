/**
 * The steps of `npm test`, in order: cheap ones first. `counts` says whether the step's own output tells how
 * many tests passed (Mocha's); any other step counts as one.
 */
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';

const node = process.execPath;
const bin = (name) => join('node_modules', '.bin', name);
const SOURCES = ['lab', 'specs', 'images', 'bench', 'faults', 'scripts'];

/**
 * @typedef {{ title: string, command: string[], counts?: boolean, shown?: boolean }} Step
 * @type {Record<'lint' | 'unit' | 'guest' | 'stand-in', (root: string) => Step[]>}
 */
export const STEPS = {
  lint: () => [
    {
      title: 'layout of code and text (prettier)',
      command: [node, bin('prettier'), '--check', '--cache', '--log-level', 'warn', '.'],
    },
    { title: 'layout of C (clang-format)', command: ['make', '-s', '-C', 'drivers', 'format-check'] },
    { title: 'lint (eslint)', command: [node, bin('eslint'), '--max-warnings', '0', '.'] },
    { title: 'types (tsc)', command: [node, bin('tsc'), '-p', '.'] },
    {
      title: 'import directions (dependency-cruiser)',
      command: [node, bin('depcruise'), '--config', '.dependency-cruiser.cjs', ...SOURCES],
    },
  ],
  unit: (root) => [
    { title: 'C build, warnings are errors', command: ['make', '-s', '-C', 'drivers', '-j2'] },
    { title: 'C unit tests', command: ['make', '-s', '-C', 'drivers', 'check'] },
    {
      title: 'unit tests',
      command: [node, bin('mocha'), ...testFiles(root, (name) => !/\.(qemu|stand-in)\.test\./.test(name))],
      counts: true,
    },
  ],
  guest: (root) => [
    {
      title: 'tests with QEMU',
      command: [node, bin('mocha'), ...testFiles(root, (name) => name.includes('.qemu.test.'))],
      counts: true,
      shown: true,
    },
    {
      title: 'scenarios on the reference guest',
      command: [node, join('scripts', 'lab.mjs'), 'run'],
      counts: true,
      shown: true,
    },
  ],
  'stand-in': (root) => [
    {
      title: 'an installation of the stand-in for Windows',
      command: [node, bin('mocha'), ...testFiles(root, (name) => name.includes('.stand-in.test.'))],
      counts: true,
      shown: true,
    },
  ],
};

/** Every *.test.ts and *.test.mjs that `wanted` takes, by path. */
function testFiles(root, wanted) {
  return SOURCES.filter((folder) => statSync(join(root, folder), { throwIfNoEntry: false })).flatMap(
    (folder) =>
      readdirSync(join(root, folder), { recursive: true })
        .filter((name) => /\.test\.(ts|mjs)$/.test(name) && wanted(name))
        .map((name) => join(folder, name))
        .sort(),
  );
}
