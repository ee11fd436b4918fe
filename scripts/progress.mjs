/** Progress of a step that takes a while: its name, and how long it took or has been running. */

const REMINDER_MS = 60_000;

/**
 * Runs `work` under a heading. On a terminal the running time counts up in place; elsewhere a line appears when it is
 * done, and one each minute that it takes, so that a log shows that something goes on.
 *
 * @template T
 * @param {string} title
 * @param {() => Promise<T>} work
 * @returns {Promise<T>}
 */
export async function withProgress(title, work) {
  const beganMs = Date.now();
  const isTerminal = process.stderr.isTTY;
  const line = (mark) => `${mark} ${title} ${seconds(Date.now() - beganMs)}`;
  if (isTerminal) process.stderr.write(line('·'));
  const ticker = setInterval(
    () => process.stderr.write(isTerminal ? `\r${line('·')}` : `${line('·')}\n`),
    isTerminal ? 1000 : REMINDER_MS,
  );
  try {
    const result = await work();
    process.stderr.write(`${isTerminal ? '\r' : ''}${line('✓')}\n`);
    return result;
  } catch (error) {
    process.stderr.write(`${isTerminal ? '\r' : ''}${line('✗')}\n`);
    throw error;
  } finally {
    clearInterval(ticker);
  }
}

/** @param {number} ms */
export function seconds(ms) {
  const whole = Math.round(ms / 1000);
  return whole < 60 ? `${(ms / 1000).toFixed(1)} s` : `${Math.floor(whole / 60)} min ${whole % 60} s`;
}
