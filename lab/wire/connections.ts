/** Groups TCP segments into conversations, and says of each what a person wants to know of it. */
import type { Packet } from '../check/evidence.ts';
import type { SocketAddress } from '../trace/records.ts';

/** What one side of a conversation sent. */
export interface ConversationSide {
  endpoint: SocketAddress;
  /** Payload bytes, each counted once however often and in whatever order it was sent. */
  payloadBytes: number;
  /** Segments with payload that brought nothing beyond what was there. */
  retransmits: number;
  fin: Packet | undefined;
  rst: Packet | undefined;
}

export interface Conversation {
  /** Who sent the first SYN; of a conversation that began before the capture, who sent its first segment. */
  client: ConversationSide;
  server: ConversationSide;
  /** SYN, SYN and ACK, and an ACK of the client were seen: the handshake is complete. */
  isEstablished: boolean;
  syn: Packet | undefined;
  synAck: Packet | undefined;
  packets: Packet[];
}

const keyOf = ({ address, port }: SocketAddress) => `${address} ${port}`;

/** a - b of sequence numbers, which wrap at 2^32. */
const sequenceDistance = (a: number, b: number) => (a - b) | 0;

/** One conversation in the making. */
class Tracker {
  readonly conversation: Conversation;
  /** Sequence numbers of each side's payload: where it begins, and where what was seen of it ends. */
  readonly #payload = new Map<ConversationSide, { begin: number; end: number }>();

  constructor(first: Packet) {
    const isAnswer = first.syn && first.ack;
    this.conversation = {
      client: newSide(isAnswer ? first.destination : first.source),
      server: newSide(isAnswer ? first.source : first.destination),
      isEstablished: false,
      syn: undefined,
      synAck: undefined,
      packets: [],
    };
  }

  /** A new SYN with another sequence number means that the two ports are used again. */
  isSucceededBy(packet: Packet): boolean {
    return packet.syn && !packet.ack && packet.sequence !== this.conversation.syn?.sequence;
  }

  add(packet: Packet): void {
    const { conversation } = this;
    const { client, server } = conversation;
    conversation.packets.push(packet);
    const side = keyOf(packet.source) === keyOf(client.endpoint) ? client : server;
    if (packet.syn && !packet.ack) conversation.syn ??= packet;
    if (packet.syn && packet.ack) conversation.synAck ??= packet;
    if (side === client && packet.ack && !packet.rst && conversation.syn && conversation.synAck)
      conversation.isEstablished ||= packet.acknowledgement !== conversation.synAck.sequence;
    if (packet.fin) side.fin ??= packet;
    if (packet.rst) side.rst ??= packet;
    if (!packet.rst) this.#count(side, packet);
  }

  #count(side: ConversationSide, packet: Packet): void {
    const begin = packet.sequence + Number(packet.syn);
    const end = begin + packet.payloadBytes;
    const payload = this.#payload.get(side) ?? { begin, end: begin };
    this.#payload.set(side, payload);
    // The FIN takes a sequence number too: what comes behind it without payload is none.
    if (packet.payloadBytes === 0) return;
    if (sequenceDistance(end, payload.end) > 0) payload.end = end;
    else side.retransmits++;
    side.payloadBytes = sequenceDistance(payload.end, payload.begin);
  }
}

const newSide = (endpoint: SocketAddress): ConversationSide => ({
  endpoint,
  payloadBytes: 0,
  retransmits: 0,
  fin: undefined,
  rst: undefined,
});

/** Conversations in the order of their first segment. */
export function groupConversations(packets: Iterable<Packet>): Conversation[] {
  const conversations: Conversation[] = [];
  const current = new Map<string, Tracker>();
  for (const packet of packets) {
    const key = [keyOf(packet.source), keyOf(packet.destination)].sort().join(' - ');
    let tracker = current.get(key);
    if (!tracker || tracker.isSucceededBy(packet)) {
      tracker = new Tracker(packet);
      current.set(key, tracker);
      conversations.push(tracker.conversation);
    }
    tracker.add(packet);
  }
  return conversations;
}
