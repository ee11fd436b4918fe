import assert from 'node:assert/strict';
import { AgentChannel } from '../guest/agent-channel.ts';
import { GuestEnd } from '../guest/agent-end.fixture.ts';
import { FRAME } from '../guest/agent-frame.ts';
import { ServiceError } from '../deploy/service.ts';
import { exerciseTrace, ofGuest } from './ready-guest.ts';

describe('a trace for a try', () => {
  /** 0: stopped, 1: the driver host died, 2: the recorder could not be read. */
  async function tryWith(reason: number): Promise<void> {
    const guest = new GuestEnd();
    let trace = 0;
    guest.onFrame = ({ type, request }) => {
      guest.send(FRAME.OK, request);
      if (type === FRAME.TRACE_START) trace = request;
      const end = Buffer.alloc(16);
      end.writeUInt32LE(reason, 0);
      if (type === FRAME.TRACE_STOP) guest.send(FRAME.TRACE_END, trace, end);
    };
    try {
      await exerciseTrace(new AgentChannel(guest.host));
    } finally {
      guest.host.destroy();
    }
  }

  it('has to end because it was stopped: else agent and recorder do not fit', async () => {
    await tryWith(0);
    await assert.rejects(tryWith(1), { code: 'LAB_AGENT_TRACE', message: /'driver host died', expected/ });
    await assert.rejects(tryWith(2), { code: 'LAB_AGENT_TRACE', message: /'read failed'/ });
  });
});

describe("one of the lab's own drivers that does not start", () => {
  it('is the guest’s fault: no driver under test is there', async () => {
    const failed = new ServiceError('ntsup', 'start', 1053, 'no answer');
    assert.equal(failed.blame, 'driver');
    await assert.rejects(
      ofGuest(() => Promise.reject(failed)),
      { code: 'LAB_SERVICE_FAILED', blame: 'guest', message: /lab's own.*'ntsup' failed with error 1053/ },
    );
    const other = new Error('ENOSPC');
    await assert.rejects(
      ofGuest(() => Promise.reject(other)),
      other,
    );
  });
});
