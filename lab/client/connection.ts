/**
 * One TCP connection of a client. It reads as soon as bytes arrive, compares them with the pattern at once and
 * keeps only how far it came, so that memory does not grow with the traffic; the peer's FIN or RST is logged
 * when it arrives, whatever step is running.
 */
import type { Socket } from 'node:net';
import type { OperationLog } from './log.ts';
import type { ClientAddress, OperationKind, OperationResult } from './operation.ts';
import { firstMismatch } from './pattern.ts';

/** How the peer ended the connection. */
export type PeerEnd = 'eof' | 'reset';

export class ClientConnection {
  readonly client: string;
  readonly number: number;
  readonly socket: Socket;
  /** Bytes handed to the kernel, and bytes that came back. */
  sentBytes = 0;
  receivedBytes = 0;
  /** Bytes that `receive` steps have asked for so far. */
  claimedBytes = 0;
  peerEnd: PeerEnd | null = null;
  /** Offset of the first byte that was not what was sent there. */
  mismatchAt: number | null = null;
  /** Ended by this side: what arrives now is no news of the peer. */
  isOver = false;
  local: ClientAddress | null = null;
  remote: ClientAddress;

  readonly #log: OperationLog;
  readonly #waiting = new Set<() => void>();
  #readingSinceNs = 0;

  constructor(parts: {
    client: string;
    number: number;
    socket: Socket;
    remote: ClientAddress;
    log: OperationLog;
  }) {
    this.client = parts.client;
    this.number = parts.number;
    this.socket = parts.socket;
    this.remote = parts.remote;
    this.#log = parts.log;
  }

  /** Call once, when the socket is connected. A deaf connection leaves everything in the kernel's buffers. */
  begin(deaf: boolean): void {
    const { socket } = this;
    this.local = addressOf(socket.localAddress, socket.localPort);
    this.remote = addressOf(socket.remoteAddress, socket.remotePort) ?? this.remote;
    socket.on('error', (error: NodeJS.ErrnoException) => this.#ended('reset', error));
    socket.on('end', () => this.#ended('eof'));
    if (deaf) socket.pause();
    else this.read();
  }

  /** Reads from now on; nothing changes if it does already. */
  read(): void {
    if (this.socket.listenerCount('data') > 0) return;
    this.#readingSinceNs = this.#log.now();
    this.socket.on('data', (chunk: Buffer) => this.#received(chunk));
    this.socket.resume();
  }

  /** Logs an operation on this connection that began at `beganNs` and ends now. */
  log(
    kind: OperationKind,
    beganNs: number,
    outcome: { result: OperationResult; bytes?: number; error?: string },
  ): void {
    const { client, number: connection, local, remote } = this;
    this.#log.ended({ client, connection, kind, beganNs, local, remote, bytes: 0, ...outcome });
  }

  now(): number {
    return this.#log.now();
  }

  /** Resolves to true as soon as `condition` holds, to false when it does not within `withinMs`. */
  async until(condition: () => boolean, withinMs: number): Promise<boolean> {
    if (condition()) return true;
    return await new Promise((resolve) => {
      const finish = (held: boolean): void => {
        clearTimeout(timer);
        this.#waiting.delete(look);
        resolve(held);
      };
      const look = (): void => (condition() ? finish(true) : undefined);
      const timer = setTimeout(() => finish(false), withinMs);
      this.#waiting.add(look);
    });
  }

  /** Lets everything that waits look again. */
  changed(): void {
    for (const look of [...this.#waiting]) look();
  }

  #received(chunk: Buffer): void {
    if (this.mismatchAt === null) {
      const index = firstMismatch(this.number, this.receivedBytes, chunk);
      if (index >= 0) this.mismatchAt = this.receivedBytes + index;
    }
    this.receivedBytes += chunk.length;
    this.changed();
  }

  #ended(result: PeerEnd, cause?: NodeJS.ErrnoException): void {
    if (this.isOver || this.peerEnd === 'reset' || this.peerEnd === result) return;
    this.peerEnd = result;
    this.log('receive', this.#readingSinceNs, {
      result,
      bytes: this.receivedBytes,
      ...(cause && { error: errnoText(cause) }),
    });
    this.changed();
  }
}

/** `ECONNRESET: read ECONNRESET`, the name first. */
export function errnoText(error: NodeJS.ErrnoException): string {
  return `${error.code ?? 'error'}: ${error.message}`;
}

function addressOf(address: string | undefined, port: number | undefined): ClientAddress | null {
  if (address === undefined || port === undefined) return null;
  return { family: address.includes(':') ? 6 : 4, address, port };
}
