/**
 * `debug`: a guest of its own with a debugger's way to it. Where the guest has a kernel debugger, that is switched on and
 * speaks over its third serial port; elsewhere QEMU's gdb server looks at the machine from outside.
 */
import { readLabConfig } from '../config/lab-config.ts';
import { EXIT, LabError } from '../errors.ts';
import { bootGuest } from '../guest/boot-guest.ts';
import type { BootedGuest } from '../guest/guest.ts';
import { probeCapabilities } from '../guest/probe-capabilities.ts';
import { within } from '../machine/deadline.ts';
import {
  openGdbServer,
  openSerialPort,
  SERIAL_PORT_ARGUMENTS,
  SERIAL_PORT_NUMBER,
  type DebugPort,
} from '../machine/debug-port.ts';
import { driversFolder } from '../run/build-drivers.ts';
import { agentFault, agentWarning } from '../run/installed-agent.ts';
import { readyGuest } from '../run/ready-guest.ts';
import { RunFolder } from '../run/run-folder.ts';
import { prepare } from './guests.ts';
import { Progress } from './progress.ts';

export interface DebugOptions {
  guest?: string;
  /** TCP port of this host for the debugger; default: any. */
  port?: number;
}

const BAUD = 115_200;
const RESTART_MS = 300_000;

/** Until an interrupt, which is how it ends. */
export async function debugCommand(
  { guest: name, port = 0 }: DebugOptions,
  signal: AbortSignal,
): Promise<number> {
  const config = readLabConfig();
  const progress = new Progress();
  const preparation = await prepare(name ?? config.guest, { progress, signal });
  const { agent, image } = preparation;
  if (agent) progress.warn(agentWarning(image.name));
  const evidence = new RunFolder(config.runs.folder).machine(1);
  const work = progress.begin(`booting guest '${preparation.guest.name}'`);
  await using guest = await bootGuest(preparation.guest, {
    ...{ evidence, signal, network: config.machine.network, accelerator: config.machine.accelerator },
    keep: { extra: SERIAL_PORT_ARGUMENTS },
    onPhase: (phase) => work.detail(phase),
    onWarning: (text) => progress.warn(text),
  }).catch((error: unknown) => {
    throw agent ? agentFault(image.name, error) : error;
  });
  guest.findings = await probeCapabilities(guest);
  const hasDebugger = guest.has('kernelDebug');
  if (hasDebugger) {
    work.detail('kernel debugger on, restart');
    await switchDebuggerOn(guest);
  } else await readyGuest(guest, { signingKey: preparation.signingKey, folder: evidence });
  await using way = hasDebugger
    ? await openSerialPort(guest.machine, port)
    : await openGdbServer(guest.machine, port);
  work.end(`guest '${guest.name}' runs`);
  progress[Symbol.dispose]();
  const lines = hasDebugger ? windbgLines(way) : gdbLines(way, guest);
  process.stdout.write(
    `${[...lines, `its console is in ${guest.machine.console.path}; Ctrl-C ends it`].join('\n')}\n`,
  );
  await ended(guest, signal);
  return EXIT.green;
}

/** In this guest's own disk, which goes with it: an image with the debugger on would wait for one at every crash. */
async function switchDebuggerOn(guest: BootedGuest): Promise<void> {
  const settings = `serial debugport:${SERIAL_PORT_NUMBER} baudrate:${BAUD}`;
  for (const command of ['bcdedit /debug on', `bcdedit /dbgsettings ${settings}`]) {
    const { exitCode, stdout } = await guest.exec(command);
    if (exitCode === 0) continue;
    throw new LabError({
      code: 'LAB_DEBUG_REFUSED',
      blame: 'guest',
      message: `'${command}' ended with exit code ${exitCode}: ${stdout.trim()}`,
      next: 'Secure Boot forbids it: the guest must not have it',
    });
  }
  const end = guest.gone;
  await guest.exec('shutdown /r /t 0').catch(() => undefined);
  const { cause } = await within(end, {
    code: 'LAB_GUEST_NO_SHUTDOWN',
    blame: 'guest',
    message: `guest '${guest.name}' did not restart`,
    timeoutMs: RESTART_MS,
  });
  if (cause !== 'restarted') throw new Error(`the guest ended instead of restarting: ${cause}`);
}

function windbgLines({ port }: DebugPort): string[] {
  return [
    'the kernel debugger waits on a serial port behind TCP; on the machine with WinDbg:',
    `  windbg -k com:ipport=${port},port=127.0.0.1 -y ${driversFolder}`,
    `from another machine: ssh -L ${port}:127.0.0.1:${port} to this one, and a copy of ${driversFolder}/*.pdb`,
    'drivers are not in this guest yet: npm run lab -- run puts them in, this command does not',
  ];
}

function gdbLines({ port }: DebugPort, guest: BootedGuest): string[] {
  const why = guest.findings.find(({ name }) => name === 'kernelDebug')?.why ?? 'it was not asked';
  return [
    `guest '${guest.name}' has no kernel debugger (${why}); QEMU's gdb server shows its processors and memory instead:`,
    `  gdb -ex 'set architecture i386:x86-64' -ex 'target remote 127.0.0.1:${port}'`,
    `the recorder runs; drivers are processes of this guest, their symbols are in ${driversFolder}/*.pdb`,
  ];
}

async function ended(guest: BootedGuest, signal: AbortSignal): Promise<void> {
  const interrupted = new Promise<void>((resolve) => {
    signal.addEventListener('abort', () => resolve());
    if (signal.aborted) resolve();
  });
  const { exited } = guest.machine;
  await Promise.race([interrupted, exited]);
}
