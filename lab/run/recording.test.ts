import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { AgentChannel } from '../guest/agent-channel.ts';
import { GuestEnd } from '../guest/agent-end.fixture.ts';
import { FRAME, type Frame } from '../guest/agent-frame.ts';
import { encodeRecord, type RecordInput } from '../trace/encoder.ts';
import { Recording } from './recording.ts';

const LATE_MS = 300;
const PARAMETERS = { ringBytes: 1 << 20, seed: 1, perturb: [] };

/** A recorder whose trace begins when the test says so; what it records, it records at the present time. */
class Recorder {
  beganNs = 0n;
  request = 0;
  readonly guest = new GuestEnd();

  begin({ request }: Frame): void {
    this.request = request;
    this.beganNs = process.hrtime.bigint();
    this.record({ event: 'trace_start' });
  }

  record(record: RecordInput): void {
    const time = record.event === 'trace_start' ? 0 : Number(process.hrtime.bigint() - this.beganNs);
    this.guest.send(FRAME.TRACE_DATA, this.request, encodeRecord({ ...record, time }));
  }

  end(): void {
    this.guest.send(FRAME.TRACE_END, this.request, Buffer.alloc(16));
  }

  ok({ request }: Frame): void {
    this.guest.send(FRAME.OK, request);
  }
}

describe('Recording', () => {
  let folder: string;
  let recorder: Recorder;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'wsklab-recording-'));
    recorder = new Recorder();
  });
  afterEach(() => {
    recorder.guest.host.destroy();
    rmSync(folder, { recursive: true });
  });

  const start = () => Recording.start(new AgentChannel(recorder.guest.host), folder, PARAMETERS);
  const assertPlaced = ({ clock }: Recording) => {
    const offMs = Math.abs(Number(clock.startNs - recorder.beganNs)) / 1e6;
    assert.ok(offMs <= clock.errorNs / 1e6 + 0.001, `${offMs} ms off, said to be ${clock.errorNs} ns`);
  };

  const assertNarrowed = async (recording: Recording) => {
    const before = recording.clock.errorNs;
    assert.ok(before >= (LATE_MS / 2) * 0.9e6);
    assert.equal((await recording.stop()).reason, 'stopped');
    assertPlaced(recording);
    assert.ok(recording.clock.errorNs < before / 2, `from ${before} to ${recording.clock.errorNs} ns`);
  };
  const end = (frame: Frame) => {
    recorder.record({ event: 'trace_stop' });
    recorder.ok(frame);
    recorder.end();
  };

  it('takes a record that came for older than its coming: a late answer leaves the clock sure', async () => {
    recorder.guest.onFrame = (frame) => {
      if (frame.type !== FRAME.TRACE_START) return end(frame);
      recorder.begin(frame);
      void delay(LATE_MS).then(() => recorder.ok(frame));
    };
    await using recording = await start();
    await assertNarrowed(recording);
  });

  it('takes trace_stop for younger than its request: a late begin leaves the clock sure', async () => {
    recorder.guest.onFrame = (frame) => {
      if (frame.type !== FRAME.TRACE_START) return end(frame);
      void delay(LATE_MS).then(() => {
        recorder.begin(frame);
        recorder.ok(frame);
      });
    };
    await using recording = await start();
    await assertNarrowed(recording);
  });
});
