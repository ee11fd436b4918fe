import assert from 'node:assert/strict';
import { fileURLToPath } from 'node:url';
import { groupConversations, type Conversation } from './connections.ts';
import { buildCapture, buildFrame, type SegmentInput } from './frame.ts';
import { decodeWire, readWire } from './wire-file.ts';

const FIN = 1;
const SYN = 2;
const ACK = 16;
const client = { address: '10.77.0.1', port: 50000 };
const server = { address: '10.77.0.2', port: 4000 };

const fromClient = (
  flags: number,
  sequence: number,
  acknowledgement: number,
  payloadBytes = 0,
): SegmentInput => ({
  ...{ source: client, destination: server },
  ...{ flags, sequence, acknowledgement, payloadBytes },
});
const fromServer = (
  flags: number,
  sequence: number,
  acknowledgement: number,
  payloadBytes = 0,
): SegmentInput => ({
  ...{ source: server, destination: client },
  ...{ flags, sequence, acknowledgement, payloadBytes },
});
const group = (...segments: SegmentInput[]) =>
  groupConversations(decodeWire(buildCapture(segments.map(buildFrame))).packets);

const summary = ({ client, server, isEstablished }: Conversation) => [
  isEstablished,
  client.payloadBytes,
  server.payloadBytes,
  [
    client.fin && 'client FIN',
    client.rst && 'client RST',
    server.fin && 'server FIN',
    server.rst && 'server RST',
  ]
    .filter(Boolean)
    .join(', '),
];

describe('groupConversations', () => {
  it('tells what happened in real traffic', async () => {
    const path = fileURLToPath(new URL('fixtures/loopback.pcap', import.meta.url));
    const conversations = groupConversations((await readWire(path)).packets);
    const perFamily = [
      [true, 11, 14, 'client FIN, server FIN'],
      [true, 3000, 3000, 'client RST'],
      [false, 0, 0, 'server RST'],
    ];
    assert.deepEqual(conversations.map(summary), [...perFamily, ...perFamily]);
    assert.deepEqual(
      conversations.map((conversation) => conversation.client.retransmits + conversation.server.retransmits),
      [0, 0, 0, 0, 0, 0],
    );
  });

  it('counts payload once although it comes twice, out of order and over the end of the sequence numbers', () => {
    const start = 0xffffffff - 5;
    const wrapped = (offset: number) => (start + 1 + offset) >>> 0;
    const [conversation, ...others] = group(
      fromClient(SYN, start, 0),
      fromServer(SYN | ACK, 100, wrapped(0)),
      fromClient(ACK, wrapped(0), 101),
      fromClient(ACK, wrapped(4), 101, 8),
      fromClient(ACK, wrapped(0), 101, 4),
      fromClient(ACK, wrapped(4), 101, 8),
      fromClient(FIN | ACK, wrapped(12), 101),
    );
    assert.equal(others.length, 0);
    assert.deepEqual(summary(conversation!), [true, 12, 0, 'client FIN']);
    assert.equal(conversation?.client.retransmits, 2);
  });

  it('keeps a repeated SYN in one conversation and begins another when ports are used again', () => {
    const conversations = group(
      fromClient(SYN, 1, 0),
      fromClient(SYN, 1, 0),
      fromServer(SYN | ACK, 100, 2),
      fromClient(ACK, 2, 101),
      fromClient(SYN, 5000, 0),
    );
    assert.deepEqual(
      conversations.map(({ packets, isEstablished }) => [packets.length, isEstablished]),
      [
        [4, true],
        [1, false],
      ],
    );
  });

  it('knows who is who when the capture begins with the answer to a SYN', () => {
    const [conversation] = group(fromServer(SYN | ACK, 100, 2), fromClient(ACK, 2, 101));
    assert.equal(conversation?.client.endpoint.port, client.port);
    assert.equal(conversation?.isEstablished, false);
  });
});
