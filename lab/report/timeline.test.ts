import assert from 'node:assert/strict';
import type { Evidence } from '../check/evidence.ts';
import type { Verdict } from '../check/verdict.ts';
import type { TraceRecord } from '../trace/records.ts';
import { withTimelines } from './timeline.ts';

const CLIENT = { family: 2, port: 40312, address: '10.77.0.1' };
const OTHER = { family: 2, port: 40313, address: '10.77.0.1' };
const GUEST = { family: 2, port: 7, address: '10.77.0.2' };

let position = 0;
const record = (event: string, time: number, fields: object): Evidence => ({
  source: 'trace',
  record: {
    ...{ event, time, position: position++, tid: 84, cpu: 0, irql: 2, side: 0, discarded: 0 },
    ...fields,
  } as unknown as TraceRecord,
});
const syn = (time: number, source: typeof CLIENT): Evidence => ({
  source: 'wire',
  packet: {
    ...{ position: position++, time, source, destination: GUEST, syn: true, ack: false, fin: false },
    ...{ rst: false, psh: false, sequence: 1, acknowledgement: 0, payloadBytes: 0 },
  },
});
const connected = (time: number, local: typeof CLIENT, connection: number): Evidence => ({
  source: 'client',
  operation: {
    ...{ position: position++, time, began: time - 5, connection, kind: 'connect', result: 'ok' },
    ...{ local, remote: GUEST, bytes: 0 },
  },
});
const accept = (time: number, remote: typeof CLIENT, socket: number): Evidence[] => [
  record('accept_event_enter', time, {
    callback: socket,
    socket: 1,
    accept_socket: socket,
    remote,
    local: GUEST,
  }),
  record('accept_event_return', time + 1, {
    ...{ callback: socket, socket: 1, accept_socket: socket, status: 0x103, context: 0n, table: 0n },
  }),
];

describe('the time line of a violation', () => {
  const [enter, leave] = accept(100, CLIENT, 2) as [Evidence, Evidence];
  const evidence: Evidence[] = [
    syn(80, CLIENT),
    syn(81, OTHER),
    connected(90, CLIENT, 1),
    connected(91, OTHER, 2),
    enter,
    leave,
    ...accept(110, OTHER, 3),
    record('close_enter', 120, { call: 9, socket: 2 }),
    record('close_enter', 121, { call: 10, socket: 3 }),
  ];
  const shown = leave.source === 'trace' ? leave.record : undefined;
  const verdict: Verdict = {
    ...{ clause: 'accept-event/return-domain', outcome: 'violated', tested: 1, broken: 1 },
    violations: [
      { sentence: 'returned it', shown: [{ source: 'trace', position: shown!.position, time: shown!.time }] },
    ],
  };

  it('holds callback, packets, client and later calls of the same connection, and none of another', async () => {
    const [explained] = await withTimelines([verdict], () => evidence);
    assert.deepEqual(
      explained?.violations[0]?.timeline.map(({ timeNs, source, isDecisive }) => [
        timeNs,
        source,
        isDecisive,
      ]),
      [
        [80, 'wire', false],
        [90, 'client', false],
        [100, 'callback', false],
        [101, 'callback', true],
        [120, 'call', false],
      ],
    );
    assert.match(explained.violations[0]?.timeline[3]?.text ?? '', /^WskAcceptEvent returns STATUS_PENDING/);
  });

  it('stays short in a long trace and keeps what decides', async () => {
    const many = Array.from({ length: 5000 }, (_, index) =>
      record('close_enter', 200 + index, { call: 20 + index, socket: 2 }),
    );
    const [explained] = await withTimelines([verdict], () => [...many, ...evidence]);
    const timeline = explained?.violations[0]?.timeline ?? [];
    assert.equal(timeline.length, 14);
    assert.ok(timeline.some(({ isDecisive }) => isDecisive));
  });

  it('is not looked for when nothing is violated', async () => {
    const read = (): Evidence[] => assert.fail('the evidence was read');
    const held: Verdict = { ...verdict, outcome: 'held', broken: 0, violations: [] };
    assert.deepEqual(await withTimelines([held], read), [held]);
  });
});
