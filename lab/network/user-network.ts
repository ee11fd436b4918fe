/**
 * QEMU's user-mode networking: the fallback where no tap device can be had. Connections end in QEMU, which makes its own
 * to the guest: what the guest sees is not the client's TCP. Labelled as such, and refused where that matters.
 */
import { connect, type Socket } from 'node:net';
import { LabError } from '../errors.ts';
import { within } from '../machine/deadline.ts';
import { boundToLab, unprivileged } from '../machine/launch.ts';
import { USER_GUEST_ADDRESS, type GuestEndpoint, type GuestNetwork } from './guest-network.ts';

export class UserNetwork implements GuestNetwork {
  readonly kind = 'user';
  readonly reason: string;
  readonly capabilities = { ipv6: false, concurrency: 1, realTcp: false };
  readonly netdev = { kind: 'user' } as const;
  readonly launcher = unprivileged;
  readonly holderPid = undefined;
  readonly lost = new Promise<string>(() => undefined);
  readonly #forwards = new Map<number, Promise<number>>();
  #monitor: ((commandLine: string) => Promise<string>) | undefined;

  constructor(reason: string) {
    this.reason = reason;
  }

  command(command: readonly string[]): string[] {
    return boundToLab(command);
  }

  attach(monitor: (commandLine: string) => Promise<string>): void {
    this.#monitor = monitor;
    this.#forwards.clear();
  }

  async endpoint({ port, family }: GuestEndpoint): Promise<{ host: string; port: number }> {
    if (family === 'ipv6')
      throw new LabError({
        code: 'LAB_NETWORK_CANNOT',
        blame: 'host',
        message: `user-mode networking has no IPv6 (it is used because ${this.reason})`,
        next: 'make a tap device possible, or leave IPv6 scenarios out',
      });
    let forward = this.#forwards.get(port);
    if (!forward) this.#forwards.set(port, (forward = this.#forward(port)));
    return { host: '127.0.0.1', port: await forward };
  }

  async dial(guest: GuestEndpoint, timeoutMs: number): Promise<Socket> {
    const { host, port } = await this.endpoint(guest);
    const socket = connect({ host, port, noDelay: true });
    try {
      await within(
        new Promise<void>((resolve, reject) => socket.once('connect', resolve).once('error', reject)),
        {
          code: 'LAB_DIAL_TIMEOUT',
          blame: 'guest',
          message: `no TCP connection to the guest's port ${guest.port} (forwarded from ${host}:${port})`,
          timeoutMs,
        },
      );
      return socket.removeAllListeners('error');
    } catch (cause) {
      socket.on('error', () => undefined).destroy();
      if (cause instanceof LabError) throw cause;
      const message = `no TCP connection to the guest's port ${guest.port}: ${(cause as Error).message}`;
      throw new LabError({ code: 'LAB_DIAL_FAILED', blame: 'guest', message, cause });
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    // The forwards end with QEMU.
  }

  /** Lets QEMU choose a free port of the host's, and reads back which. */
  async #forward(guestPort: number): Promise<number> {
    if (!this.#monitor) throw new Error('user network: the machine does not run yet');
    const refusal = await this.#monitor(
      `hostfwd_add net0 tcp:127.0.0.1:0-${USER_GUEST_ADDRESS}:${guestPort}`,
    );
    const table = await this.#monitor('info usernet');
    const port = forwardedPort(table, guestPort);
    if (port !== undefined) return port;
    throw new LabError({
      code: 'LAB_PORT_FORWARD',
      blame: 'host',
      message: `QEMU did not forward a port of 127.0.0.1 to the guest's port ${guestPort}: ${refusal.trim() || table.trim()}`,
      next: 'see which ports are in use: ss -tln',
    });
  }
}

/** The host's port for a guest's port, from `info usernet`'s table of sockets. */
export function forwardedPort(table: string, guestPort: number): number | undefined {
  for (const line of table.split('\n')) {
    const [, from, to] =
      line.match(/TCP\[HOST_FORWARD\]\s+\d+\s+127\.0\.0\.1\s+(\d+)\s+10\.0\.2\.15\s+(\d+)/) ?? [];
    if (Number(to) === guestPort) return Number(from);
  }
  return undefined;
}
