/**
 * A guest on a tap device in a network namespace of its own: real TCP between the host's stack and the guest's, no
 * port to share, no route out. As root, or as any user where user namespaces are allowed.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { accessSync, constants, existsSync } from 'node:fs';
import type { Socket } from 'node:net';
import { fileURLToPath } from 'node:url';
import { LabError } from '../errors.ts';
import { within } from '../machine/deadline.ts';
import { boundToLab, isRoot, QEMU_UID, unprivileged } from '../machine/launch.ts';
import {
  GUEST_MAC,
  HOST_MAC,
  TAP_ADDRESSES,
  type GuestEndpoint,
  type GuestNetwork,
} from './guest-network.ts';

const TAP = 'tap0';
const HOLDER = fileURLToPath(new URL('namespace-holder.mjs', import.meta.url));

/**
 * Neighbours are fixed and duplicate address detection is off: both families are ready at once, and a packet for a
 * guest that is still booting is dropped, not answered with "unreachable".
 */
const ADDRESSES = [
  'link set lo up',
  `link set ${TAP} address ${HOST_MAC}`,
  `link set ${TAP} up`,
  `address add ${TAP_ADDRESSES.host.ipv4}/24 dev ${TAP}`,
  `address add ${TAP_ADDRESSES.host.ipv6}/64 dev ${TAP} nodad`,
  `neighbour replace ${TAP_ADDRESSES.guest.ipv4} lladdr ${GUEST_MAC} dev ${TAP} nud permanent`,
  `neighbour replace ${TAP_ADDRESSES.guest.ipv6} lladdr ${GUEST_MAC} dev ${TAP} nud permanent`,
];

interface HolderMessage {
  ready?: boolean;
  failed?: string;
  id?: number;
  code?: string;
  message?: string;
}

interface PendingDial {
  resolve: (socket: Socket) => void;
  reject: (error: LabError) => void;
  words: string;
}

/** Opens the network. Rejects with LAB_TAP_UNAVAILABLE and the reason where the host does not allow it. */
export async function openTapNetwork(timeoutMs = 10_000): Promise<TapNetwork> {
  if (!isRoot) requireTunDevice();
  const own = {
    tap: { interface: TAP, commands: ADDRESSES },
    deviceOwner: isRoot ? QEMU_UID : 0,
    ownDevices: isRoot,
  };
  const namespaces = isRoot ? ['--net', '--mount'] : ['--user', '--map-root-user', '--net'];
  const command = [
    'unshare',
    ...namespaces,
    '--',
    ...boundToLab([process.execPath, HOLDER, JSON.stringify(own)]),
  ];
  const [program, ...args] = boundToLab(command) as [string, ...string[]];
  const holder = spawn(program, args, {
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    env: { PATH: `${process.env['PATH']}:/usr/sbin:/sbin`, LANG: 'C.UTF-8' },
    cwd: '/',
    // A session of its own: Ctrl-C is for the lab, which closes the network last.
    detached: true,
  });
  const network = new TapNetwork(holder);
  try {
    await within(network.ready, {
      code: 'LAB_TAP_UNAVAILABLE',
      blame: 'host',
      message: 'the network namespace was not ready',
      timeoutMs,
    });
    return network;
  } catch (error) {
    await network[Symbol.asyncDispose]();
    throw error;
  }
}

function requireTunDevice(): void {
  const device = '/dev/net/tun';
  if (!existsSync(device)) throw unavailable(`there is no ${device}`, 'load the module: sudo modprobe tun');
  try {
    accessSync(device, constants.R_OK | constants.W_OK);
  } catch {
    throw unavailable(
      `this user may not open ${device}`,
      `allow it, as Debian's udev does: sudo chmod 0666 ${device}`,
    );
  }
}

function unavailable(message: string, next: string, cause?: unknown): LabError {
  return new LabError({ code: 'LAB_TAP_UNAVAILABLE', blame: 'host', message, next, cause });
}

export class TapNetwork implements GuestNetwork {
  readonly kind = 'tap';
  readonly reason = 'a tap device in a network namespace of its own';
  readonly capabilities = { ipv6: true, concurrency: Number.POSITIVE_INFINITY, realTcp: true };
  readonly netdev = { kind: 'tap', interface: TAP } as const;
  /** Settles when the devices are there. */
  readonly ready: Promise<void>;
  readonly lost: Promise<string>;
  readonly #holder: ChildProcess;
  readonly #gone: Promise<void>;
  readonly #dials = new Map<number, PendingDial>();
  #nextDial = 1;
  #closing = false;
  #words = '';

  constructor(holder: ChildProcess) {
    this.#holder = holder;
    holder.stderr?.on(
      'data',
      (chunk: Buffer) => (this.#words = (this.#words + chunk.toString()).slice(-4096)),
    );
    let lose: (words: string) => void;
    this.lost = new Promise((resolve) => (lose = resolve));
    this.#gone = new Promise((resolve) => {
      holder.once('exit', (code, signal) => {
        const words =
          `the process that held the network ended (${signal ?? `exit code ${code}`}) ${this.#words}`.trim();
        for (const dial of this.#dials.values()) dial.reject(dialError('LAB_DIAL_FAILED', dial.words, words));
        this.#dials.clear();
        if (!this.#closing) lose(words);
        resolve();
      });
      holder.once('error', () => resolve());
    });
    this.ready = new Promise((resolve, reject) => {
      const refuse = (words: string) => reject(unavailable(`no tap device: ${words}`, tapAdvice(words)));
      holder.on('message', (message: HolderMessage, socket?: unknown) => {
        if (message.ready) resolve();
        else if (message.failed !== undefined) refuse(message.failed);
        else this.#settleDial(message, socket as Socket | undefined);
      });
      holder.once('error', (error) => refuse(error.message));
      // 'close' and not 'exit': the last words have been read then.
      holder.once('close', (code) => refuse(this.#words.trim() || `the holder ended with exit code ${code}`));
    });
    this.ready.catch(() => undefined);
  }

  get holderPid(): number | undefined {
    return this.#holder.pid;
  }

  get launcher() {
    return (command: readonly string[]) => this.#enter(unprivileged(command, !isRoot));
  }

  command(command: readonly string[]): string[] {
    return this.#enter(boundToLab(command));
  }

  attach(): void {
    // The tap device is there before QEMU is.
  }

  endpoint({ port, family }: GuestEndpoint): Promise<{ host: string; port: number }> {
    return Promise.resolve({ host: TAP_ADDRESSES.guest[family], port });
  }

  async dial(guest: GuestEndpoint, timeoutMs: number): Promise<Socket> {
    const { host, port } = await this.endpoint(guest);
    const words = `no TCP connection to the guest's port ${port} (${host})`;
    if (!this.#holder.connected) throw dialError('LAB_DIAL_FAILED', words, 'the network is closed');
    const id = this.#nextDial++;
    const answer = new Promise<Socket>((resolve, reject) => this.#dials.set(id, { resolve, reject, words }));
    this.#holder.send({ id, host, port, timeoutMs });
    // The holder keeps the deadline; this one is for a holder that hangs.
    return await within(answer, {
      code: 'LAB_DIAL_TIMEOUT',
      blame: 'host',
      message: `the process that holds the network did not answer a dial to port ${port}`,
      timeoutMs: timeoutMs + 5_000,
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closing = true;
    this.#holder.kill('SIGKILL');
    await within(this.#gone, {
      code: 'LAB_NAMESPACE_STUCK',
      blame: 'host',
      message: 'the process that holds the network namespace did not end',
      timeoutMs: 5_000,
    });
  }

  #enter(command: readonly string[]): string[] {
    const namespaces = isRoot ? ['--net', '--mount'] : ['--user', '--net', '--preserve-credentials'];
    return [...boundToLab(['nsenter', '--target', `${this.#holder.pid}`, ...namespaces, '--']), ...command];
  }

  #settleDial(message: HolderMessage, socket: Socket | undefined): void {
    const dial = this.#dials.get(message.id ?? 0);
    this.#dials.delete(message.id ?? 0);
    if (!dial) return void socket?.destroy();
    // ssh sends small packets: Nagle's algorithm would hold each up until the guest's delayed acknowledgement.
    if (socket) return dial.resolve(socket.setNoDelay(true));
    const code = message.code === 'ETIMEDOUT' ? 'LAB_DIAL_TIMEOUT' : 'LAB_DIAL_FAILED';
    dial.reject(dialError(code, dial.words, message.message ?? 'the socket was lost on its way'));
  }
}

function tapAdvice(words: string): string {
  if (/spawn unshare|ENOENT|failed to execute/.test(words))
    return 'install them: sudo apt-get install util-linux iproute2';
  if (isRoot) return 'a container needs CAP_NET_ADMIN, CAP_SYS_ADMIN and /dev/net/tun';
  return 'allow user namespaces (sysctl user.max_user_namespaces, kernel.unprivileged_userns_clone), or run as root';
}

function dialError(code: `LAB_${string}`, words: string, why: string): LabError {
  return new LabError({
    code,
    blame: 'guest',
    message: `${words}: ${why}`,
    next: "see the guest's console.log",
  });
}
