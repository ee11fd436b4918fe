/**
 * TCP connections as the packets at the guest's NIC show them. Rules join them with sockets by the 4-tuple that
 * the guest sees; with user-mode networking that is not the one that the client sees, and need not be.
 */
import type { Endpoint, Packet } from './evidence.ts';

export class TcpConnection {
  /** Who sent the SYN, and who got it. */
  readonly client: Endpoint;
  readonly server: Endpoint;
  /** First packet of each kind; undefined while not seen. */
  syn: Packet | undefined = undefined;
  synAck: Packet | undefined = undefined;
  /** The first packet of the client after the SYN that acknowledges: the handshake is complete. */
  established: Packet | undefined = undefined;
  clientData: Packet | undefined = undefined;
  clientFin: Packet | undefined = undefined;
  clientRst: Packet | undefined = undefined;
  serverFin: Packet | undefined = undefined;
  serverRst: Packet | undefined = undefined;
  private nextServerSequence = 0;
  private acknowledged = 0;

  constructor(client: Endpoint, server: Endpoint) {
    this.client = client;
    this.server = server;
  }

  /** Nothing more will happen on it. */
  get isOver(): boolean {
    return this.isReset || (this.clientFin !== undefined && this.serverFin !== undefined);
  }

  get isReset(): boolean {
    return this.clientRst !== undefined || this.serverRst !== undefined;
  }

  /** The first packet with which the guest ended it. */
  get serverEnd(): Packet | undefined {
    if (!this.serverFin || !this.serverRst) return this.serverFin ?? this.serverRst;
    return this.serverFin.position < this.serverRst.position ? this.serverFin : this.serverRst;
  }

  /** The first packet with which the client ended it. */
  get clientEnd(): Packet | undefined {
    if (!this.clientFin || !this.clientRst) return this.clientFin ?? this.clientRst;
    return this.clientFin.position < this.clientRst.position ? this.clientFin : this.clientRst;
  }

  /** The guest has sent something that the client has not acknowledged: it may have to give up by itself. */
  get hasUnacknowledged(): boolean {
    return this.nextServerSequence !== this.acknowledged;
  }

  /** @internal */
  fromClient(packet: Packet): void {
    if (packet.rst) this.clientRst ??= packet;
    if (packet.fin) this.clientFin ??= packet;
    if (packet.payloadBytes > 0) this.clientData ??= packet;
    if (packet.syn || packet.rst || !packet.ack) return;
    this.established ??= packet;
    this.acknowledged = packet.acknowledgement;
  }

  /** @internal */
  fromServer(packet: Packet): void {
    if (packet.rst) {
      this.serverRst ??= packet;
      return;
    }
    if (packet.syn) this.synAck ??= packet;
    if (packet.fin) this.serverFin ??= packet;
    const end = (packet.sequence + packet.payloadBytes + (packet.syn ? 1 : 0) + (packet.fin ? 1 : 0)) >>> 0;
    if (packet.syn || (end - this.nextServerSequence) >>> 0 < 0x80000000) this.nextServerSequence = end;
  }
}

export class Wire {
  private readonly connections = new Map<string, TcpConnection[]>();
  /** Connections that are over, oldest first, to be forgotten when no rule can ask for them any more. */
  private readonly over: { key: string; connection: TcpConnection; at: number }[] = [];
  private readonly rememberNs: number;

  /** A connection is remembered for `rememberNs` after its end. */
  constructor(rememberNs: number) {
    this.rememberNs = rememberNs;
  }

  /** All remembered connections of one 4-tuple, oldest first; addresses as the guest names them. */
  between(client: Endpoint | null, server: Endpoint | null): readonly TcpConnection[] {
    return (client && server && this.connections.get(tupleKey(client, server))) || NONE;
  }

  /** The newest connection of a 4-tuple whose SYN was seen by then; `at` is a time in ns. */
  at(client: Endpoint | null, server: Endpoint | null, at: number): TcpConnection | undefined {
    return this.between(client, server).findLast((each) => (each.syn?.time ?? 0) <= at);
  }

  *all(): Generator<TcpConnection> {
    for (const list of this.connections.values()) yield* list;
  }

  apply(packet: Packet): void {
    this.forget(packet.time);
    const forward = tupleKey(packet.source, packet.destination);
    if (packet.syn && !packet.ack) return this.begin(forward, packet);
    const sent = this.connections.get(forward)?.at(-1);
    if (sent) return this.follow(forward, sent, () => sent.fromClient(packet), packet.time);
    const backward = tupleKey(packet.destination, packet.source);
    const answered = this.connections.get(backward)?.at(-1);
    if (answered) this.follow(backward, answered, () => answered.fromServer(packet), packet.time);
  }

  private begin(key: string, packet: Packet): void {
    const known = this.connections.get(key);
    const last = known?.at(-1);
    // The same SYN again is a retransmission, not another connection.
    if (last?.syn?.sequence === packet.sequence && !last.isOver) return;
    const made = new TcpConnection(packet.source, packet.destination);
    made.syn = packet;
    if (known) known.push(made);
    else this.connections.set(key, [made]);
  }

  private follow(key: string, connection: TcpConnection, apply: () => void, at: number): void {
    const wasOver = hasEnded(connection);
    apply();
    if (!wasOver && hasEnded(connection)) this.over.push({ key, connection, at });
  }

  private forget(now: number): void {
    let count = 0;
    for (const each of this.over) {
      if (each.at + this.rememberNs > now) break;
      count++;
      const list = this.connections.get(each.key);
      if (list?.length === 1 && list[0] === each.connection) this.connections.delete(each.key);
      else if (list) list.splice(list.indexOf(each.connection), 1);
    }
    if (count > 0) this.over.splice(0, count);
  }
}

const hasEnded = (connection: TcpConnection): boolean => connection.isOver;

const NONE: readonly TcpConnection[] = [];

/** One key per pair of endpoints, however their addresses are spelled. */
export const tupleKey = (client: Endpoint, server: Endpoint): string =>
  `${hostKey(client.address)}|${client.port}>${hostKey(server.address)}|${server.port}`;

/** One spelling per address: no scope, IPv6 without '::', an IPv4-mapped address as the IPv4 address. */
export function hostKey(address: string): string {
  if (!address.includes(':')) return address;
  const plain = address.split('%', 1)[0]!.toLowerCase();
  const mapped = /^(?:0{0,4}:){0,5}:?(?:ffff:)(\d+\.\d+\.\d+\.\d+)$/.exec(plain);
  if (mapped) return mapped[1]!;
  const [head = '', tail] = plain.split('::');
  const left = head === '' ? [] : head.split(':');
  const right = tail === undefined || tail === '' ? [] : tail.split(':');
  const zeros =
    tail === undefined ? [] : new Array<string>(Math.max(0, 8 - left.length - right.length)).fill('0');
  const groups = [...left, ...zeros, ...right].map((group) => group.replace(/^0+(?=.)/, ''));
  if (groups.length === 8 && groups.slice(0, 5).every((group) => group === '0') && groups[5] === 'ffff') {
    const high = parseInt(groups[6]!, 16);
    const low = parseInt(groups[7]!, 16);
    return `${high >> 8}.${high & 255}.${low >> 8}.${low & 255}`;
  }
  return groups.join(':');
}

export const sameEndpoint = (one: Endpoint | null, other: Endpoint | null): boolean =>
  one !== null &&
  other !== null &&
  one.port === other.port &&
  hostKey(one.address) === hostKey(other.address);

export const endpointText = (endpoint: Endpoint | null): string => {
  if (!endpoint) return 'no address';
  const host = endpoint.address.includes(':') ? `[${endpoint.address}]` : endpoint.address;
  return `${host}:${endpoint.port}`;
};
