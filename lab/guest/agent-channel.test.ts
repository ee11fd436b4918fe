import assert from 'node:assert/strict';
import { setTimeout as delay } from 'node:timers/promises';
import { AgentChannel, PROTOCOL_VERSION } from './agent-channel.ts';
import { GuestEnd } from './agent-end.fixture.ts';
import { encodeFrame, FRAME } from './agent-frame.ts';

function traceEnd(reason: number, discarded: number, bytes: bigint): Buffer {
  const payload = Buffer.alloc(16);
  payload.writeUInt32LE(reason, 0);
  payload.writeUInt32LE(discarded, 4);
  payload.writeBigUInt64LE(bytes, 8);
  return payload;
}

describe('AgentChannel', () => {
  let guest: GuestEnd;
  let agent: AgentChannel;
  beforeEach(() => {
    guest = new GuestEnd();
    agent = new AgentChannel(guest.host);
  });
  afterEach(() => guest.host.destroy());

  it('keeps when nothing came for longer than a guest that runs is silent, and nothing else', async () => {
    const quiet = new GuestEnd();
    const channel = new AgentChannel(quiet.host, 30);
    quiet.onFrame = ({ request }) => quiet.send(FRAME.OK, request);
    await channel.health(2_000);
    const before = channel.silences.length;
    const lastHeard = process.hrtime.bigint();
    while (channel.silentMs < 60) await delay(5);
    await channel.health(2_000);
    const [silence, ...more] = channel.silences.slice(before);
    assert.deepEqual(more, []);
    assert.ok(silence && silence.fromNs <= lastHeard && silence.toNs > lastHeard + 30_000_000n);
    quiet.host.destroy();

    guest.onFrame = ({ request }) => guest.send(FRAME.OK, request);
    await agent.health(2_000);
    await agent.health(2_000);
    assert.deepEqual(agent.silences, []);
  });

  it('greets with a nonce and learns who answers', async () => {
    guest.onFrame = (frame) => guest.greet(frame);
    assert.deepEqual(await agent.hello(2_000), { protocolVersion: PROTOCOL_VERSION, pid: 408 });
    assert.equal(guest.received[0]!.payload.length, 16);
  });

  it('refuses an answer that does not carry its nonce', async () => {
    guest.onFrame = (frame) => guest.greet(frame, PROTOCOL_VERSION, Buffer.alloc(16, 1));
    await assert.rejects(agent.hello(2_000), { code: 'LAB_AGENT_STALE' });
  });

  it('refuses another version of the protocol by name', async () => {
    guest.onFrame = (frame) => guest.greet(frame, 99);
    await assert.rejects(agent.hello(2_000), {
      message: `the guest's agent speaks protocol 99, the lab ${PROTOCOL_VERSION}`,
    });
  });

  it('says what came instead when no agent answers', async () => {
    guest.host.push('SeaBIOS (version 1.16)\r\n');
    await assert.rejects(agent.hello(50), {
      code: 'LAB_AGENT_TIMEOUT',
      message: "the guest's agent did not answer the greeting within 50 ms (24 bytes of something else came)",
    });
  });

  it('sends the clock in units of 100 ns', async () => {
    guest.onFrame = ({ request }) => guest.send(FRAME.OK, request);
    await agent.setClock(1_700_000_000_123.5);
    assert.equal(guest.received[0]!.payload.readBigUInt64LE(), 17_000_000_001_235_000n);
  });

  it("carries the agent's refusal with its Win32 code, and nothing unprintable", async () => {
    guest.onFrame = ({ request }) =>
      guest.send(
        FRAME.ERROR,
        request,
        Buffer.concat([Buffer.from([2, 0, 0, 0]), Buffer.from('no \x1b[2Jdevice')]),
      );
    await assert.rejects(agent.startTrace(Buffer.alloc(8)), {
      code: 'LAB_AGENT_REFUSED',
      message: "the guest's agent refused 'trace start': no  [2Jdevice (Win32 error 2)",
    });
  });

  it('names the request that a hanging guest does not answer', async () => {
    await assert.rejects(agent.health(20), {
      message: "the guest's agent did not answer 'health' within 20 ms",
    });
  });

  it('gives the blocks of a trace in order, then how it ended', async () => {
    guest.onFrame = ({ type, request }) => {
      guest.send(FRAME.OK, request);
      if (type !== FRAME.TRACE_START) return;
      guest.send(FRAME.TRACE_DATA, request, Buffer.from('first '));
      guest.send(FRAME.TRACE_DATA, request + 1, Buffer.from('of another trace '));
      guest.send(FRAME.TRACE_DATA, request, Buffer.from('second'));
      guest.send(FRAME.TRACE_END, request, traceEnd(1, 3, 12n));
    };
    const trace = await agent.startTrace(Buffer.alloc(8));
    const blocks: Uint8Array[] = [];
    for await (const block of trace) blocks.push(block);
    assert.equal(Buffer.concat(blocks).toString(), 'first second');
    assert.deepEqual(await trace.ended, { reason: 'driver host died', discarded: 3, bytes: 12n });
    assert.equal(trace.receivedBytes, 12n);
  });

  it('learns where the ring stands in memory, all 64 bits of it, or that it is not to be had', async () => {
    const place = Buffer.alloc(16);
    place.writeBigUInt64LE(0xffff_ffff_ffff_f000n, 0);
    place.writeUInt32LE(8_392_704, 8);
    const answers = [place, Buffer.alloc(16), Buffer.alloc(0)];
    guest.onFrame = ({ type, request }) => {
      guest.send(FRAME.OK, request, answers.shift());
      if (type === FRAME.TRACE_START) guest.send(FRAME.TRACE_END, request, traceEnd(0, 0, 0n));
    };
    const rings = [];
    for (let times = 0; times < 3; times++) {
      const trace = await agent.startTrace(Buffer.alloc(8));
      rings.push(trace.ring);
      await trace.ended;
    }
    assert.deepEqual(rings, [{ address: 0xffff_ffff_ffff_f000n, bytes: 8_392_704 }, undefined, undefined]);
  });

  it('may be traced again after a trace has ended', async () => {
    guest.onFrame = ({ type, request }) => {
      guest.send(FRAME.OK, request);
      if (type === FRAME.TRACE_START) guest.send(FRAME.TRACE_END, request, traceEnd(0, 0, 0n));
    };
    for (const _ of [1, 2])
      assert.equal((await (await agent.startTrace(Buffer.alloc(8))).ended).reason, 'stopped');
  });

  it('holds the guest up when nobody reads the trace, and goes on when somebody does', async () => {
    guest.onFrame = ({ request }) => guest.send(FRAME.OK, request);
    const trace = await agent.startTrace(Buffer.alloc(8));
    const request = guest.received[0]!.request;
    const block = Buffer.alloc(1024 * 1024);
    for (let count = 0; count < 32; count++) guest.send(FRAME.TRACE_DATA, request, block);
    guest.send(FRAME.TRACE_END, request, traceEnd(0, 0, 32n << 20n));
    await new Promise(setImmediate);
    assert.ok(guest.host.isPaused());
    assert.ok(trace.receivedBytes <= 9n << 20n, `${trace.receivedBytes} bytes were taken`);
    let total = 0;
    for await (const { length } of trace) total += length;
    assert.equal(total, 32 << 20);
  });

  it('fails everything under way when the machine closes the channel', async () => {
    guest.onFrame = ({ request }) => guest.send(FRAME.OK, request);
    const trace = await agent.startTrace(Buffer.alloc(8));
    guest.send(FRAME.TRACE_DATA, guest.received[0]!.request, Buffer.from('last words'));
    guest.onFrame = () => undefined;
    const health = agent.health(60_000);
    guest.host.push(null);
    await assert.rejects(health, { code: 'LAB_AGENT_CLOSED' });
    await assert.rejects(trace.ended, { code: 'LAB_AGENT_CLOSED' });
    const blocks: string[] = [];
    await assert.rejects(async () => {
      for await (const block of trace) blocks.push(Buffer.from(block).toString());
    }, /the machine closed it/);
    assert.deepEqual(blocks, ['last words']);
    await assert.rejects(agent.health(60_000), { code: 'LAB_AGENT_CLOSED' });
  });

  it("keeps the end of the agent's log", async () => {
    guest.send(FRAME.LOG, 0, Buffer.alloc(1024 * 1024, 'x'));
    guest.send(FRAME.LOG, 0, Buffer.from('the end'));
    await new Promise(setImmediate);
    assert.equal(agent.log.length, 64 * 1024);
    assert.ok(agent.log.endsWith('xthe end'));
  });

  it('drops a guest that sends broken frames without end', async () => {
    const broken = encodeFrame({ type: FRAME.TRACE_DATA, request: 1, payload: Buffer.alloc(0) });
    broken.writeUInt32LE(1, 16);
    guest.host.push(Buffer.concat(Array.from({ length: 1100 }, () => broken)));
    assert.match(await agent.closed, /more than 1000 broken frames/);
    assert.ok(guest.host.destroyed);
  });
});
