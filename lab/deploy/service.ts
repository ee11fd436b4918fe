/** Kernel services through sc.exe: the same on every guest. */
import { setTimeout as delay } from 'node:timers/promises';
import { LabError } from '../errors.ts';
import type { Guest } from '../guest/guest.ts';
import { explainWin32Error, WIN32_ERRORS } from './win32-errors.ts';

export type ServiceHost = Pick<Guest, 'exec'>;

const STATES = [
  'STOPPED',
  'START_PENDING',
  'STOP_PENDING',
  'RUNNING',
  'CONTINUE_PENDING',
  'PAUSE_PENDING',
  'PAUSED',
] as const;

export interface ServiceStatus {
  state: (typeof STATES)[number];
  /** Win32 error with which the service ended; 0 if none, or while it runs. */
  exitCode: number;
}

/** A service that answers "pending" is asked again after this time. */
const POLL_MS = 100;
const ERROR_SERVICE_DOES_NOT_EXIST = 1060;
const ERROR_SERVICE_NOT_ACTIVE = 1062;

/** Services of one load order group share one driver host in the reference guest, so that one can import from another. */
export const LOAD_ORDER_GROUP = 'WskLab';

export interface CreateOptions {
  /** Path of the driver file in the guest. */
  binaryPath: string;
}

/** Creates a kernel service that is started on demand. */
export async function createService(
  guest: ServiceHost,
  name: string,
  { binaryPath }: CreateOptions,
): Promise<void> {
  const options = `type= kernel start= demand group= ${LOAD_ORDER_GROUP} binPath= ${binaryPath}`;
  await control(guest, name, 'create', { options });
}

/**
 * Starts the service and waits until it runs. Rejects with LAB_SERVICE_FAILED and the Win32 error in words if it does not
 * start, with LAB_SERVICE_TIMEOUT if it stays pending.
 */
export async function startService(guest: ServiceHost, name: string, timeoutMs = 60_000): Promise<void> {
  const deadline = newDeadline(timeoutMs);
  await control(guest, name, 'start', { timeoutMs });
  const status = await waitForState(guest, name, ['RUNNING', 'STOPPED'], deadline);
  if (status.state === 'STOPPED')
    throw serviceFailed(name, 'start', status.exitCode, 'it went from starting to stopped');
}

/** Stops the service and waits until it has stopped. A service that does not run is left alone. */
export async function stopService(guest: ServiceHost, name: string, timeoutMs = 60_000): Promise<void> {
  const deadline = newDeadline(timeoutMs);
  try {
    await control(guest, name, 'stop', { timeoutMs });
  } catch (error) {
    if (error instanceof ServiceError && error.win32Code === ERROR_SERVICE_NOT_ACTIVE) return;
    throw error;
  }
  await waitForState(guest, name, ['STOPPED'], deadline);
}

/** Deletes the service; one that does not exist is no error. */
export async function deleteService(guest: ServiceHost, name: string): Promise<void> {
  try {
    await control(guest, name, 'delete');
  } catch (error) {
    if (!(error instanceof ServiceError) || error.win32Code !== ERROR_SERVICE_DOES_NOT_EXIST) throw error;
  }
}

/** The service's state, or undefined if there is no such service. */
export async function queryService(guest: ServiceHost, name: string): Promise<ServiceStatus | undefined> {
  try {
    return parseStatus(name, await control(guest, name, 'query'));
  } catch (error) {
    if (error instanceof ServiceError && error.win32Code === ERROR_SERVICE_DOES_NOT_EXIST) return undefined;
    throw error;
  }
}

/** A verb of sc.exe that failed with a Win32 error. */
export class ServiceError extends LabError {
  readonly win32Code: number;

  constructor(name: string, verb: string, win32Code: number, detail: string) {
    const known = WIN32_ERRORS[win32Code];
    super({
      code: 'LAB_SERVICE_FAILED',
      blame: known?.blame ?? 'guest',
      message: `sc.exe ${verb} of service '${name}' failed with error ${explainWin32Error(win32Code)} (${detail})`,
      next: known?.next ?? `look the number up (net helpmsg ${win32Code})`,
    });
    this.win32Code = win32Code;
  }
}

const serviceFailed = (name: string, verb: string, code: number, detail: string) =>
  new ServiceError(name, verb, code, detail);

/** Runs a verb of sc.exe and gives its output. The error number stands in the output and is the exit code too. */
async function control(
  guest: ServiceHost,
  name: string,
  verb: string,
  { options = '', timeoutMs = 60_000 }: { options?: string; timeoutMs?: number } = {},
): Promise<string> {
  checkServiceName(name);
  const command = `sc.exe ${verb} ${name} ${options}`.trim();
  const { stdout, stderr, exitCode } = await guest.exec(command, { timeoutMs }).catch((error: unknown) => {
    throw isTimeout(error) ? neverCameBack(name, verb, timeoutMs, error) : error;
  });
  const output = `${stdout}\n${stderr}`;
  // The words around the number are in the guest's language, the brackets and the number are not.
  const inText = /^\[SC\].*?\b(\d+):/m.exec(output)?.[1];
  // The text's number first: an ssh server on a POSIX system hands on the low 8 bits of an exit code only.
  const code = Number(inText ?? exitCode ?? -1);
  if (code !== 0) throw serviceFailed(name, verb, code, oneLine(output) || 'sc.exe said nothing');
  return stdout;
}

interface Deadline {
  /** On performance.now()'s clock. */
  at: number;
  timeoutMs: number;
}

const newDeadline = (timeoutMs: number): Deadline => ({ at: performance.now() + timeoutMs, timeoutMs });

const isTimeout = (error: unknown): error is LabError =>
  error instanceof LabError && error.code === 'LAB_EXEC_TIMEOUT';

const neverCameBack = (name: string, verb: string, timeoutMs: number, cause: LabError) =>
  new LabError({
    code: 'LAB_SERVICE_TIMEOUT',
    blame: 'driver',
    message: `sc.exe ${verb} of service '${name}' did not come back within ${timeoutMs} ms`,
    next: 'see in the trace which wait of DriverEntry or DriverUnload was entered and not left',
    cause,
  });

async function waitForState(
  guest: ServiceHost,
  name: string,
  states: readonly ServiceStatus['state'][],
  deadline: Deadline,
): Promise<ServiceStatus> {
  for (;;) {
    const status = await queryService(guest, name);
    if (!status) throw serviceFailed(name, 'query', ERROR_SERVICE_DOES_NOT_EXIST, 'it vanished');
    if (states.includes(status.state)) return status;
    if (performance.now() > deadline.at)
      throw new LabError({
        code: 'LAB_SERVICE_TIMEOUT',
        blame: 'driver',
        message: `service '${name}' is ${status.state} after ${deadline.timeoutMs} ms, waited for ${states.join(' or ')}`,
        next: 'see in the trace which wait of DriverEntry or DriverUnload was entered and not left',
      });
    await delay(POLL_MS);
  }
}

function parseStatus(name: string, output: string): ServiceStatus {
  const number = /: +([1-7]) +[A-Z_]+ *$/m;
  const lines = output.split(/\r?\n/);
  const stateLine = lines.find(
    (line) => STATES.some((state) => line.includes(`  ${state}`)) && number.test(line),
  );
  const state = STATES[Number(number.exec(stateLine ?? '')?.[1]) - 1];
  const exitCode = /WIN32_EXIT_CODE +: +(\d+)/.exec(output)?.[1];
  if (state) return { state, exitCode: Number(exitCode ?? 0) };
  throw new LabError({
    code: 'LAB_SERVICE_UNCLEAR',
    blame: 'guest',
    message: `sc.exe query of service '${name}' gave no state: ${oneLine(output)}`,
    next: 'run sc.exe query in the guest (npm run lab -- shell)',
  });
}

/** Names become part of a command line in the guest. */
function checkServiceName(name: string): void {
  if (/^[A-Za-z][A-Za-z0-9_-]{0,62}$/.test(name)) return;
  throw new LabError({
    code: 'LAB_SERVICE_NAME',
    blame: 'usage',
    message: `'${name}' cannot be a service name: letters, digits, '-' and '_' only, a letter first, at most 63`,
    next: 'rename the driver file: the service has its base name',
  });
}

const oneLine = (text: string) => text.replaceAll(/\s+/g, ' ').trim().slice(0, 300);
