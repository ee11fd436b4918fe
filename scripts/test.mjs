#!/usr/bin/env node
/**
 * `npm test [-- lint|unit|guest|stand-in …]`: all, or the named parts. Stops at the first step
 * that fails, with its output. The last line is `N passed, N failed`.
 */
import { bootstrap, root } from './bootstrap.mjs';
import { withProgress } from './progress.mjs';
import { runProgram } from './run-program.mjs';
import { STEPS } from './test-steps.mjs';

const parts = process.argv.slice(2);
const unknown = parts.find((part) => !(part in STEPS));
if (unknown !== undefined) {
  process.stderr.write(
    `error LAB_USAGE (blame: usage): no part '${unknown}'; parts: ${Object.keys(STEPS).join(', ')}\n`,
  );
  process.exit(2);
}

let interrupted = false;
// The children get Ctrl-C from the terminal as well and end in order; this waits for them.
process.on('SIGINT', () => (interrupted = true));

await bootstrap(['lab', 'windows', 'test']);
const total = { passed: 0, failed: 0 };
for (const step of (parts.length > 0 ? parts : Object.keys(STEPS)).flatMap((part) => STEPS[part](root))) {
  const isGood = await runStep(step);
  if (interrupted) process.exit(130);
  if (!isGood) break;
}
process.stdout.write(`${total.passed} passed, ${total.failed} failed\n`);
process.exit(total.failed === 0 ? 0 : 1);

async function runStep({ title, command: [file, ...args], counts = false, shown = false }) {
  if (shown) process.stderr.write(`\n${title}\n`);
  const run = () => runProgram(file, args, { cwd: root, ...(shown && { onLine: show }) });
  let result;
  try {
    result = await (shown ? run() : withProgress(title, async () => failUnlessZero(await run())));
  } catch (failed) {
    result = failed;
    process.stderr.write(`${result.output}\n`);
  }
  const { exitCode, output } = result;
  const passed = counts ? count(output, 'pass(?:ing|ed)') : 0;
  const failed = counts ? count(output, 'fail(?:ing|ed)') : 0;
  total.passed += exitCode === 0 ? Math.max(passed, counts ? 0 : 1) : passed;
  total.failed += exitCode === 0 ? failed : Math.max(failed, 1);
  return exitCode === 0;
}

/** A step's own count would be taken for the whole one's. */
function show(line) {
  if (!/^\d+ passed, \d+ failed/.test(line)) process.stderr.write(`${line}\n`);
}

/** withProgress marks a step as failed when it throws. */
function failUnlessZero(result) {
  if (result.exitCode !== 0) throw result;
  return result;
}

/** The number before Mocha's `passing` or `failing`, or before `passed` or `failed` of the lab's own count. */
function count(output, word) {
  // eslint-disable-next-line no-control-regex -- Mocha colours its summary
  const plain = output.replaceAll(/\u001b\[[0-9;]*m/g, '');
  return [...plain.matchAll(new RegExp(`^(?:.*, | *)(\\d+) ${word}\\b`, 'gm'))].reduce(
    (sum, [, number]) => sum + Number(number),
    0,
  );
}
