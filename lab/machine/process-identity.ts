/** A process that can be told from a later one with the same number: by its start time. */
import { readFileSync } from 'node:fs';

/** Start time in clock ticks since boot (proc(5), stat field 22), or undefined when no such process runs. */
export function processStartTime(pid: number): string | undefined {
  let stat: string;
  try {
    stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
  } catch {
    return undefined;
  }
  // The second field is the program's name in parentheses and may hold anything, parentheses included.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const [state, startTime] = [fields[0], fields[19]];
  return state === 'Z' || state === 'X' ? undefined : startTime;
}
