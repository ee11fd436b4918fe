import assert from 'node:assert/strict';
import { AgentChannel } from './agent-channel.ts';
import { putByAgent, runByAgent } from './agent-commands.ts';
import { GuestEnd } from './agent-end.fixture.ts';
import { FRAME } from './agent-frame.ts';

describe('what the agent does by itself', () => {
  let guest: GuestEnd;
  let agent: AgentChannel;
  beforeEach(() => {
    guest = new GuestEnd();
    agent = new AgentChannel(guest.host);
  });
  afterEach(() => guest.host.destroy());

  const refusal = (win32Code: number) => {
    const payload = Buffer.alloc(4);
    payload.writeUInt32LE(win32Code);
    return payload;
  };

  it('puts a file in pieces, each at its place under its path', async () => {
    const pieces: { offset: bigint; path: string; content: Buffer }[] = [];
    guest.onFrame = ({ type, request, payload }) => {
      assert.equal(type, FRAME.PUT_FILE);
      const end = payload.indexOf(0, 8);
      const path = payload.subarray(8, end).toString();
      pieces.push({
        ...{ offset: payload.readBigUInt64LE(0), path },
        content: Buffer.from(payload.subarray(end + 1)),
      });
      guest.send(FRAME.OK, request);
    };
    const content = Buffer.alloc(40_000, 'pattern of seventeen');
    assert.equal((await putByAgent(agent, content, 'C:\\lab\\x.sys')).bytes, content.length);
    assert.deepEqual(Buffer.concat(pieces.map((piece) => piece.content)), content);
    assert.deepEqual(
      pieces.map(({ offset, path }) => [offset, path]),
      [0n, 16384n, 32768n].map((offset) => [offset, 'C:\\lab\\x.sys']),
    );
  });

  it('puts an empty file as well', async () => {
    guest.onFrame = ({ request }) => guest.send(FRAME.OK, request);
    await putByAgent(agent, Buffer.alloc(0), 'C:\\lab\\empty');
    assert.equal(guest.received.length, 1);
  });

  it('gives the whole exit code and what the command said', async () => {
    guest.onFrame = ({ type, request, payload }) => {
      assert.deepEqual([type, payload.toString()], [FRAME.RUN, 'sc.exe query echo']);
      guest.send(FRAME.RUN_REPLY, request, Buffer.concat([refusal(1060), Buffer.from('[SC] …')]));
    };
    const result = await runByAgent(agent, 'sc.exe query echo');
    assert.deepEqual([result?.exitCode, result?.stdout], [1060, '[SC] …']);
  });

  it('leaves to ssh what the agent does not have, or has no hand free for, and nothing else', async () => {
    for (const win32Code of [2, 170]) {
      guest.onFrame = ({ request }) => guest.send(FRAME.ERROR, request, refusal(win32Code));
      assert.equal(await runByAgent(agent, 'cmd.exe /c ver'), undefined);
    }
    guest.onFrame = ({ request }) => guest.send(FRAME.ERROR, request, refusal(87));
    await assert.rejects(runByAgent(agent, ''), { code: 'LAB_AGENT_REFUSED' });
  });

  it('does not hold it against a command that the agent is silent, or has not heard of it', async () => {
    const command = ['sc.exe query echo', { timeoutMs: 1_600 }] as const;
    await assert.rejects(runByAgent(agent, ...command), { code: 'LAB_AGENT_TIMEOUT', blame: 'guest' });
    const alive = setInterval(() => guest.send(FRAME.LOG, 0), 100);
    guest.onFrame = ({ request, payload }) => {
      if (payload.toString() !== command[0]) guest.send(FRAME.ERROR, request, refusal(2));
    };
    try {
      await assert.rejects(runByAgent(agent, ...command), { code: 'LAB_AGENT_TIMEOUT' });
    } finally {
      clearInterval(alive);
    }
  });

  it('says of a command that does not end what it would say over ssh', async () => {
    guest.onFrame = ({ request, payload }) => {
      if (payload.toString() !== 'sc.exe start stuck') guest.send(FRAME.ERROR, request, refusal(170));
    };
    await assert.rejects(runByAgent(agent, 'sc.exe start stuck', { timeoutMs: 20 }), {
      code: 'LAB_EXEC_TIMEOUT',
      message: "the command 'sc.exe start stuck' did not end in the guest within 20 ms",
    });
  });
});
