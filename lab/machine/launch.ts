/**
 * How the lab starts other programs: bound to its own life, and QEMU with no privilege at all.
 *
 * The parent-death signal is the last thing set before the program: the kernel forgets it whenever
 * credentials change, so a prefix that changes user or namespace stands in front of it.
 */

/** Turns the command for a program into the command that starts it in its place (user, namespace). */
export type Launcher = (command: readonly string[]) => string[];

/** The user that QEMU runs as when the lab runs as root: Debian's `nobody`, owner of no file. */
export const QEMU_UID = 65534;

export const isRoot = process.getuid?.() === 0;

/** The program is killed by the kernel when the lab dies, however it dies. */
export function boundToLab(command: readonly string[]): string[] {
  return ['setpriv', '--pdeathsig', 'KILL', '--', ...command];
}

/**
 * The program gets no capability and can gain none; when the lab is root it also gets another user. A normal
 * user has no capability to drop, except inside a user namespace of his own (`insideUserNamespace`).
 */
export function unprivileged(command: readonly string[], insideUserNamespace = false): string[] {
  const user = isRoot ? ['--reuid', `${QEMU_UID}`, '--regid', `${QEMU_UID}`, '--clear-groups'] : [];
  const capabilities = isRoot || insideUserNamespace ? ['--inh-caps=-all', '--bounding-set=-all'] : [];
  return ['setpriv', ...user, ...capabilities, '--no-new-privs', '--pdeathsig', 'KILL', '--', ...command];
}
