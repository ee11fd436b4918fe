/**
 * A debugger's way to a machine: QEMU's gdb server, or a serial port that a kernel debugger in the guest uses, behind a TCP
 * port of this host. QEMU itself listens on a socket in its own folder: it has no network of this host's.
 */
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { once } from 'node:events';
import { join } from 'node:path';
import { LabError } from '../errors.ts';
import type { RunningMachine } from './qemu-process.ts';

export interface DebugPort extends AsyncDisposable {
  /** Of 127.0.0.1. */
  port: number;
}

/** A third serial port, with nobody at its other end until `openSerialPort`. */
export const SERIAL_PORT_ARGUMENTS = ['-chardev', 'null,id=debugger', '-serial', 'chardev:debugger'];
/** As firmware and Windows count: the console has the first, the agent the second. */
export const SERIAL_PORT_NUMBER = 3;

/** QEMU stops the guest while a debugger is connected and says so. */
export async function openGdbServer(machine: RunningMachine, port: number): Promise<DebugPort> {
  const { folder, qemuFolder } = machine.output;
  await machine.qmp.monitor(`gdbserver unix:${qemuFolder}/gdb.sock,server=on,wait=off`);
  return await bridge(join(folder, 'gdb.sock'), port);
}

/** For a machine that was started with SERIAL_PORT_ARGUMENTS. */
export async function openSerialPort(machine: RunningMachine, port: number): Promise<DebugPort> {
  const { folder, qemuFolder } = machine.output;
  const addr = { type: 'unix', data: { path: `${qemuFolder}/debugger.sock` } };
  const backend = { type: 'socket', data: { addr, server: true, wait: false } };
  await machine.qmp.execute('chardev-change', { id: 'debugger', backend });
  return await bridge(join(folder, 'debugger.sock'), port);
}

/** One debugger after the other; a second one at the same time waits in QEMU's queue. */
async function bridge(path: string, wanted: number): Promise<DebugPort> {
  const open = new Set<Socket>();
  const server = createServer((debuggerEnd) => {
    const machineEnd = connect(path);
    for (const [end, other] of [
      [debuggerEnd, machineEnd],
      [machineEnd, debuggerEnd],
    ] as const) {
      open.add(end);
      end.pipe(other);
      end.on('error', () => other.destroy());
      end.once('close', () => {
        open.delete(end);
        other.destroy();
      });
    }
  });
  server.listen(wanted, '127.0.0.1');
  try {
    await once(server, 'listening');
  } catch (cause) {
    throw new LabError({
      code: 'LAB_DEBUG_PORT',
      blame: 'usage',
      message: `port ${wanted} of 127.0.0.1 is not to be had: ${(cause as Error).message}`,
      next: 'give another one with --port, or none',
      cause,
    });
  }
  return {
    port: (server.address() as AddressInfo).port,
    async [Symbol.asyncDispose]() {
      for (const socket of open) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}
