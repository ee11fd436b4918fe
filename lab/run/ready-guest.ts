/** What is in every guest before a driver under test comes: kernel supplement, recorder, control program. */
import { readFile } from 'node:fs/promises';
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { installDriver, needsSupplement, prepareDriver } from '../deploy/deploy-driver.ts';
import type { SigningKey } from '../deploy/signing-key.ts';
import { LabError } from '../errors.ts';
import type { AgentChannel } from '../guest/agent-channel.ts';
import type { BootedGuest } from '../guest/guest.ts';
import { CAPABILITY_SCRIPT, probeCapabilities } from '../guest/probe-capabilities.ts';
import { driverFile, driversFolder } from './build-drivers.ts';
import { renderTraceParameters } from './trace-parameters.ts';

export const RECORDER = 'wsktr';
export const SUPPLEMENT = 'ntsup';
/** What scenarios say to the running sample goes through it; see drivers/echoctl. */
export const CONTROL_PROGRAM = 'C:\\lab\\echoctl.exe';
const CONTROL_FILE = 'echoctl.exe';

/**
 * Starts the recorder in a guest that has just booted, and asks it what it can do. `folder` takes the drivers as they were
 * deployed.
 */
export async function readyGuest(
  guest: BootedGuest,
  { signingKey, folder }: { signingKey: SigningKey; folder: string },
): Promise<void> {
  // Each is imported by what comes after it.
  for (const name of needsSupplement(guest) ? [SUPPLEMENT, RECORDER] : [RECORDER]) {
    const prepared = await prepareDriver({
      file: join(driversFolder, `${name}.sys`),
      folder,
      signingKey,
      ...(needsSupplement(guest) && name !== SUPPLEMENT && { supplement: driverFile(SUPPLEMENT) }),
    });
    await ofGuest(async () => (await installDriver(guest, prepared)).start());
  }
  await guest.put(join(driversFolder, CONTROL_FILE), CONTROL_PROGRAM);
  guest.findings = await probeCapabilities(guest);
}

/** No driver under test is there yet: where one of the lab's own does not start, it is for the guest. */
export async function ofGuest<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    if (!(cause instanceof LabError) || cause.blame !== 'driver') throw cause;
    const { code, message } = cause;
    throw new LabError({
      ...{ code, blame: 'guest', cause, message: `a driver of the lab's own did not start: ${message}` },
      next: "see the guest's console.log; a host with too much to do may be all there is",
    });
  }
}

/** What a clone does once before it is needed: the beginning and the end of every scenario. */
export async function exerciseTrace(agent: AgentChannel): Promise<void> {
  const parameters = { ringBytes: 8 * 2 ** 20, seed: 1, perturb: [] };
  const stream = await agent.startTrace(renderTraceParameters(parameters));
  await agent.stopTrace();
  for await (const _ of stream) continue;
  const { reason } = await stream.ended;
  if (reason !== 'stopped') throw noTrace(reason);
}

const noTrace = (reason: string): LabError =>
  new LabError({
    code: 'LAB_AGENT_TRACE',
    blame: 'guest',
    message: `the guest's agent and recorder made no trace: it ended with '${reason}', expected 'stopped'`,
    next: "see the guest's console.log",
  });

/** Names and SHA-256 digests of what `readyGuest` puts into a guest. */
export async function readyContents({ certificatePath }: SigningKey): Promise<Record<string, string>> {
  const files = {
    ...Object.fromEntries(
      [`${SUPPLEMENT}.sys`, `${RECORDER}.sys`, CONTROL_FILE].map((name) => [name, join(driversFolder, name)]),
    ),
    'signing certificate': certificatePath,
  };
  const digests = Object.entries(files).map(async ([name, path]) => {
    const digest = createHash('sha256').update(await readFile(path));
    return [name, digest.digest('hex')] as const;
  });
  const asked = createHash('sha256').update(CAPABILITY_SCRIPT).digest('hex');
  return { ...Object.fromEntries(await Promise.all(digests)), 'what the guest is asked': asked };
}
