import assert from 'node:assert/strict';
import { Duplex } from 'node:stream';
import { QmpClient, type QmpEvent } from '../machine/qmp.ts';
import { panicBugcheck } from './panic-event.ts';

/** What QEMU sends for it, by way of the lab's own client. */
async function eventOf(info: string): Promise<unknown> {
  const peer = new Duplex({
    read: () => undefined,
    write: (chunk: Buffer, _, done) => {
      const { id } = JSON.parse(chunk.toString()) as { id: string };
      peer.push(`{"return": {}, "id": "${id}"}\n`);
      done();
    },
  });
  const opening = QmpClient.open(peer);
  peer.push('{"QMP": {"version": {"qemu": {"micro": 22, "minor": 2, "major": 7}}}}\n');
  const client = await opening;
  const event = new Promise<QmpEvent>((resolve) => client.once('event', resolve));
  peer.push(
    `{"timestamp": {"seconds": 1, "microseconds": 2}, "event": "GUEST_PANICKED", "data": {"action": "pause"${info}}}\n`,
  );
  const { data } = await event;
  client.close();
  return data['info'];
}

describe('panicBugcheck', () => {
  it('keeps all 64 bits of the parameters', async () => {
    const info = await eventOf(
      ', "info": {"type": "hyper-v", "arg1": 209, "arg2": 18446735277616529409, "arg3": 2, "arg4": 0, "arg5": 18446744073709551615}',
    );
    assert.deepEqual(panicBugcheck(info), {
      code: 0xd1,
      parameters: [18446735277616529409n, 2n, 0n, 0xffff_ffff_ffff_ffffn],
    });
  });

  it('knows no bugcheck of a panic that tells none', async () => {
    assert.equal(panicBugcheck(await eventOf('')), undefined);
    assert.equal(panicBugcheck({ type: 's390', core: 0 }), undefined);
    assert.equal(panicBugcheck({ type: 'hyper-v', arg1: 209 }), undefined);
    assert.equal(
      panicBugcheck({ type: 'hyper-v', arg1: '209', arg2: 1, arg3: 1, arg4: 1, arg5: 1 }),
      undefined,
    );
  });
});
