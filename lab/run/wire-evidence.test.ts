import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ClientOperation } from '../client/operation.ts';
import { buildCapture, buildFrame } from '../wire/frame.ts';
import { readWire } from './wire-evidence.ts';

const CLIENT = { address: '10.77.0.1', port: 50_000 };
const SERVER = { address: '10.77.0.2', port: 7 };
const [SYN, ACK] = [2, 16];
const MS = 1_000_000;

/** Frames are a millisecond apart in the capture. */
const frame = (flags: number, isAnswer = false): Buffer =>
  buildFrame({
    ...(isAnswer ? { source: SERVER, destination: CLIENT } : { source: CLIENT, destination: SERVER }),
    ...{ flags, sequence: 1, acknowledgement: 1, payloadBytes: 0 },
  });

const connect = (beganNs: number, endedNs: number): ClientOperation => ({
  ...{ id: 0, client: 'a', connection: 1, kind: 'connect', result: 'ok', bytes: 0, beganNs, endedNs },
  ...{ local: { family: 4, ...CLIENT }, remote: { family: 4, ...SERVER } },
});

describe('the packets of a scenario', () => {
  let folder: string;
  beforeEach(async () => void (folder = await mkdtemp(join(tmpdir(), 'wsklab-wire-evidence-'))));
  afterEach(() => rm(folder, { recursive: true }));

  const placed = async (frames: Buffer[], operations: ClientOperation[]) => {
    const path = join(folder, 'wire.pcap');
    await writeFile(path, buildCapture(frames));
    const { packets, errorNs } = await readWire(path, operations);
    return { timesMs: packets.map(({ time }) => time / MS), errorMs: errorNs / MS };
  };

  it('are placed so that each handshake lies in its connect', async () => {
    // 40 ms from SYN to SYN+ACK, in a connect that took 60: 20 are left open.
    const frames = [frame(SYN), ...Array<Buffer>(39).fill(frame(SYN)), frame(SYN | ACK, true), frame(ACK)];
    const { timesMs, errorMs } = await placed(frames, [connect(800 * MS, 860 * MS)]);
    assert.deepEqual([timesMs[0], timesMs[40], errorMs], [810, 850, 10]);
  });

  it('are placed by the connect that leaves least open', async () => {
    const other = { ...connect(0, 900 * MS), local: { family: 4 as const, ...CLIENT, port: 50_001 } };
    const late = buildFrame({
      ...{ source: { ...CLIENT, port: 50_001 }, destination: SERVER },
      ...{ flags: SYN, sequence: 1, acknowledgement: 0, payloadBytes: 0 },
    });
    const frames = [frame(SYN), frame(SYN | ACK, true), late];
    const { timesMs, errorMs } = await placed(frames, [other, connect(500 * MS, 503 * MS)]);
    assert.deepEqual([timesMs[0], errorMs], [501, 1]);
  });

  it('have no place without a connection', async () => {
    const { timesMs, errorMs } = await placed([frame(SYN), frame(ACK)], []);
    assert.deepEqual([timesMs, errorMs], [[0, 1], 1_000]);
  });
});
