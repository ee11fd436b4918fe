/** A process that can be told from a later one with the same number: by its start time. */
import { readFileSync } from 'node:fs';

/** Start time in clock ticks since boot (proc(5), stat field 22), or undefined when no such process runs. */
export function processStartTime(pid: number): string | undefined {
  const fields = statFields(pid);
  return fields === undefined || ['Z', 'X'].includes(fields[0]!) ? undefined : fields[19];
}

const PF_KTHREAD = 0x0020_0000;

/** Whether it is the kernel's own (proc(5), stat field 9): it has no program and no environment. */
export function isKernelThread(pid: number): boolean {
  return (Number(statFields(pid)?.[6] ?? 0) & PF_KTHREAD) !== 0;
}

/** From the third on, the state; undefined when there is no such process. */
function statFields(pid: number): string[] | undefined {
  let stat: string;
  try {
    stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
  } catch {
    return undefined;
  }
  // The second field is the program's name in parentheses and may hold anything, parentheses included.
  return stat.slice(stat.lastIndexOf(')') + 2).split(' ');
}
