/** What every guest network offers, whatever carries the frames. */
import type { Socket } from 'node:net';
import type { Launcher } from '../machine/launch.ts';
import type { NetdevSettings } from '../machine/qemu-arguments.ts';

export type AddressFamily = 'ipv4' | 'ipv6';

/** The addresses are the same in every network: each has a namespace, or a QEMU, of its own. */
export const TAP_ADDRESSES = {
  host: { ipv4: '10.77.0.1', ipv6: 'fd77::1' },
  guest: { ipv4: '10.77.0.2', ipv6: 'fd77::2' },
} as const;

/** QEMU's user networking gives the guest this address; it has no IPv6 here. */
export const USER_GUEST_ADDRESS = '10.0.2.15';

/** The guest's NIC. Fixed, so that the host knows it without asking. */
export const GUEST_MAC = '52:54:00:77:00:02';
/** The host's side of every tap network. Fixed, so that a clone finds the neighbour that its template knew. */
export const HOST_MAC = '52:54:00:77:00:01';

export interface NetworkCapabilities {
  ipv6: boolean;
  /**
   * Clients that may connect at once. 1 for user networking: its listener queue holds one connection (measured:
   * 64 at once gave 9 connections/s with failures, where tap gave 2,700/s and none).
   */
  concurrency: number;
  /** Whether the guest sees the client's own address and every segment as the client's TCP sent it. */
  realTcp: boolean;
}

export interface GuestEndpoint {
  /** A port in the guest. */
  port: number;
  family: AddressFamily;
}

export interface GuestNetwork extends AsyncDisposable {
  readonly kind: 'tap' | 'user';
  /** Why it is this kind, in words for a person. */
  readonly reason: string;
  readonly capabilities: NetworkCapabilities;
  readonly netdev: NetdevSettings;
  /** Puts QEMU into this network, without privilege, bound to the lab's life. */
  readonly launcher: Launcher;
  /** The process that holds the network, where there is one. */
  readonly holderPid: number | undefined;
  /** Settles with words when the network is gone before it was closed. Never rejects, may never settle. */
  readonly lost: Promise<string>;
  /** The command that runs `command` inside this network, with the lab's own rights, bound to the lab's life. */
  command(command: readonly string[]): string[];
  /** Tells the network that its machine runs. `monitor` runs a line of QEMU's human monitor. */
  attach(monitor: (commandLine: string) => Promise<string>): void;
  /** Where a process inside this network has to connect to. Rejects for a family that is not there. */
  endpoint(guest: GuestEndpoint): Promise<{ host: string; port: number }>;
  /** A TCP connection to the guest, for a caller outside. Rejects with LAB_DIAL_FAILED or LAB_DIAL_TIMEOUT. */
  dial(guest: GuestEndpoint, timeoutMs: number): Promise<Socket>;
}
