/**
 * A machine's state out of one QEMU and into another: what the devices and the CPU hold. The RAM does not move
 * (`x-ignore-shared`): it is in a file that the first one shares and the second one copies on write.
 */
import { createWriteStream } from 'node:fs';
import { chown } from 'node:fs/promises';
import { createServer, type Server, type Socket } from 'node:net';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { LabError } from '../errors.ts';
import { within } from './deadline.ts';
import { isRoot, QEMU_UID } from './launch.ts';
import { STATE_SOCKET } from './qemu-arguments.ts';
import type { RunningMachine } from './qemu-process.ts';
import type { QmpEvent } from './qmp.ts';

const TIMEOUT_MS = 30_000;
const LAST_WORDS_MS = 1_000;

/**
 * Stops the guest and writes its state to `file`, by way of a socket in `folder` (the settings' own). The machine can
 * only be ended afterwards; its disks have been written then. Rejects with LAB_MIGRATION_FAILED.
 */
export async function saveState(machine: RunningMachine, folder: string, file: string): Promise<void> {
  const path = join(folder, STATE_SOCKET);
  const server = createServer();
  try {
    const connected = new Promise<Socket>((resolve) => server.once('connection', resolve));
    await listening(server, path);
    if (isRoot) await chown(path, QEMU_UID, QEMU_UID);
    const written = connected.then((socket) => pipeline(socket, createWriteStream(file, { mode: 0o600 })));
    written.catch(() => undefined);
    await machine.qmp.execute('stop');
    await setCapabilities(machine);
    const completed = completion(machine, 'the state was not saved');
    await machine.qmp.execute('migrate', { uri: machine.migrationUri });
    await completed;
    await within(written, failed('the state was not written to its file'));
  } finally {
    server.close();
  }
}

/**
 * Brings a waiting machine to the point where the state was saved; its guest stays paused until `cont`. Rejects with
 * LAB_MIGRATION_FAILED: QEMU ends when it does not understand the state. `uri` is where the state is, as QEMU names it.
 */
export async function restoreState(machine: RunningMachine, uri = machine.migrationUri): Promise<void> {
  const completed = completion(machine, 'the state was not restored');
  await machine.qmp.execute('migrate-incoming', { uri });
  await completed;
}

/** What both sides have to agree on. */
export async function setCapabilities(machine: RunningMachine): Promise<void> {
  const capabilities = ['x-ignore-shared', 'events'].map((capability) => ({ capability, state: true }));
  await machine.qmp.execute('migrate-set-capabilities', { capabilities });
}

async function completion(machine: RunningMachine, message: string): Promise<void> {
  let listener: ((event: QmpEvent) => void) | undefined;
  const ended = new Promise<string>((resolve) => {
    listener = ({ name, data }) => {
      const status = String(data['status']);
      if (name === 'MIGRATION' && ['completed', 'failed'].includes(status)) resolve(status);
    };
    machine.qmp.on('event', listener);
  });
  const gone = machine.exited.then(({ words }) => {
    throw new LabError(failed(`${message}: QEMU ended: ${words || 'without a word'}`));
  });
  gone.catch(() => undefined);
  try {
    if ((await within(Promise.race([ended, gone]), failed(message))) === 'completed') return;
    // A QEMU that could not take the state in ends next, and says why.
    await Promise.race([gone, delay(LAST_WORDS_MS)]);
    throw new LabError(failed(`${message}: QEMU gave up`));
  } finally {
    machine.qmp.off('event', listener!);
  }
}

function failed(message: string) {
  return {
    code: 'LAB_MIGRATION_FAILED',
    blame: 'host',
    message,
    timeoutMs: TIMEOUT_MS,
    next: "see QEMU's words in qemu.log",
  } as const;
}

async function listening(server: Server, path: string): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(path, resolve);
  });
}
