import assert from 'node:assert/strict';
import { FUNCTIONS } from '../trace/schema.ts';
import { applyRecord } from './apply-record.ts';
import { RecordMaker } from './record-maker.ts';
import { World } from './world.ts';
import {
  EVENT,
  EVENT_DISABLE,
  SO_WSK_EVENT_CALLBACK,
  STATUS_EVENT_PENDING,
  STATUS_PENDING,
  STATUS_REQUEST_NOT_ACCEPTED,
} from './wsk.ts';

/** A world in which the driver has made a listener, socket 1, with context 0x10n. */
function listening() {
  const maker = new RecordMaker();
  const world = new World();
  const apply: RecordMaker['make'] = (event, fields, pause) => {
    const record = maker.make(event, fields, pause);
    world.now = record.time;
    applyRecord(world, record);
    return record;
  };
  let calls = 0;
  const control = (mask: number, irp = 0n) => {
    const call = ++calls + 100;
    apply('control_socket_enter', { call, socket: 1, irp, code: SO_WSK_EVENT_CALLBACK, event_mask: mask });
    return call;
  };
  const returned = (call: number, status = 0) => apply('call_return', { call, status });
  const completed = (call: number, status = 0) => {
    apply('irp_complete', { call, status });
    apply('irp_complete_return', { call });
  };
  const accept = (callback: number, accepted: number) =>
    apply('accept_event_enter', {
      callback,
      socket: 1,
      accept_socket: accepted,
      accept_pointer: BigInt(accepted),
    });
  const acceptReturns = (callback: number, status = 0, context = 0n) =>
    apply('accept_event_return', { callback, status, context, context_written: 1, table_written: 1 });

  apply('socket_enter', { call: 1, irp: 0x5n, context: 0x10n, flags: 1, family: 2 });
  apply('call_return', { call: 1, status: STATUS_PENDING });
  apply('socket_created', { call: 1, socket: 1, pointer: 0x1000n, fn: FUNCTIONS.WskSocket });
  completed(1);
  const listener = world.sockets.get(1)!;
  return { world, listener, apply, control, returned, completed, accept, acceptReturns };
}

const onListener = ({ listener }: ReturnType<typeof listening>) => listener.switchOf(EVENT.accept);

describe('world: sockets', () => {
  it('knows a listener by what WskSocket was given', () => {
    const { listener } = listening();
    assert.equal(listener.category, 'listen');
    assert.equal(listener.family, 2);
    assert.equal(listener.context, 0x10n);
    assert.equal(listener.obtained, 'WskSocket');
  });

  it('knows no category of a socket whose WskSocket is not in the trace', () => {
    const lab = listening();
    lab.apply('socket_created', { call: 9, socket: 2, pointer: 2n, fn: FUNCTIONS.WskSocket });
    assert.equal(lab.world.sockets.get(2)?.category, undefined);
  });

  it('knows which sockets use a pool block, until it is freed or they are gone', () => {
    const lab = listening();
    lab.apply('pool_allocate', { address: 0x20n, size: 0x40 });
    for (const id of [2, 3]) {
      lab.accept(id, id);
      lab.acceptReturns(id, 0, 0x28n);
    }
    const users = () => [...lab.world.pool.usersOf(0x20n)].map(({ id }) => id);
    assert.deepEqual(users(), [2, 3]);
    lab.apply('close_enter', { call: 6, socket: 2, irp: 0x8n });
    lab.returned(6);
    lab.completed(6);
    assert.deepEqual(users(), [3]);
    lab.apply('pool_free', { address: 0x20n });
    assert.deepEqual(users(), []);
  });

  it('forgets calls when they have returned and their completion routine has', () => {
    const { world } = listening();
    assert.equal(world.calls.size, 0);
    assert.equal(world.irps.size, 0);
  });

  it('gives an accepted socket its context when the callback has returned', () => {
    const lab = listening();
    lab.accept(1, 2);
    const accepted = lab.world.sockets.get(2)!;
    assert.equal(accepted.context, undefined);
    lab.acceptReturns(1, 0, 0x20n);
    assert.equal(accepted.context, 0x20n);
    assert.equal(accepted.parent, lab.listener);
  });

  it('keeps a closed socket until its last request is complete, then finds it among the gone', () => {
    const lab = listening();
    lab.accept(1, 2);
    lab.acceptReturns(1);
    lab.apply('data_enter', { call: 5, socket: 2, irp: 0x7n, fn: FUNCTIONS.WskReceive });
    lab.apply('call_return', { call: 5, status: STATUS_PENDING });
    lab.apply('close_enter', { call: 6, socket: 2, irp: 0x8n });
    lab.apply('call_return', { call: 6, status: STATUS_PENDING });
    lab.completed(6);
    assert.equal(lab.world.sockets.has(2), true);
    lab.completed(5, 0xc0000120);
    assert.equal(lab.world.sockets.has(2), false);
    assert.equal(lab.world.socket(2)?.isGone, true);
    assert.equal(lab.world.isGone(2), true);
  });

  it('lets go of a rejected socket at once', () => {
    const lab = listening();
    lab.accept(1, 2);
    lab.acceptReturns(1, STATUS_REQUEST_NOT_ACCEPTED);
    assert.equal(lab.world.sockets.has(2), false);
    assert.equal(lab.world.socket(2)?.rejected, true);
  });

  it('knows a listener as dead from a call without AcceptSocket on', () => {
    const lab = listening();
    const record = lab.accept(1, 0);
    assert.equal(lab.listener.deadSince, record);
    assert.equal(lab.world.callback(1)?.accepted, null);
  });

  it('remembers only the last of the gone', () => {
    const lab = listening();
    for (let id = 2; id < 3000; id++) {
      lab.accept(id, id);
      lab.acceptReturns(id, STATUS_REQUEST_NOT_ACCEPTED);
    }
    assert.equal(lab.world.socket(2), undefined);
    assert.equal(lab.world.isGone(2), true);
    assert.equal(lab.world.socket(2999)?.isGone, true);
  });
});

describe('world: switches of callbacks', () => {
  it('may fire from the enter of an enable on, must fire from its return on', () => {
    const lab = listening();
    const accept = onListener(lab);
    assert.equal(accept.mayFire, false);
    const enable = lab.control(EVENT.accept);
    assert.deepEqual([accept.mayFire, accept.mustFire], [true, false]);
    lab.returned(enable);
    assert.deepEqual([accept.mayFire, accept.mustFire], [true, true]);
  });

  it('stays off when the enable fails', () => {
    const lab = listening();
    lab.returned(lab.control(EVENT.accept), 0xc000000d);
    assert.equal(onListener(lab).mayFire, false);
  });

  it('is off when a disable has returned success, and may fire until then', () => {
    const lab = listening();
    lab.returned(lab.control(EVENT.accept));
    const disable = lab.control(EVENT.accept | EVENT_DISABLE);
    assert.deepEqual([onListener(lab).mayFire, onListener(lab).mustFire], [true, false]);
    const { position } = lab.returned(disable);
    assert.equal(onListener(lab).mayFire, false);
    assert.equal(onListener(lab).offSince?.position, position);
  });

  it('goes off with the IRP of a disable that returned STATUS_PENDING', () => {
    const lab = listening();
    lab.returned(lab.control(EVENT.accept));
    const disable = lab.control(EVENT.accept | EVENT_DISABLE, 0x9n);
    lab.returned(disable, STATUS_PENDING);
    assert.equal(onListener(lab).mayFire, true);
    lab.completed(disable);
    assert.equal(onListener(lab).mayFire, false);
  });

  it('goes off with the IRP even if the call has not returned yet', () => {
    const lab = listening();
    lab.returned(lab.control(EVENT.accept));
    const disable = lab.control(EVENT.accept | EVENT_DISABLE, 0x9n);
    lab.completed(disable);
    assert.equal(onListener(lab).mayFire, false);
    lab.returned(disable, STATUS_PENDING);
    assert.equal(onListener(lab).mayFire, false);
  });

  it('fades after STATUS_EVENT_PENDING, idle from the return of the last callback on', () => {
    const lab = listening();
    lab.returned(lab.control(EVENT.accept));
    lab.accept(1, 2);
    lab.returned(lab.control(EVENT.accept | EVENT_DISABLE), STATUS_EVENT_PENDING);
    assert.equal(onListener(lab).state, 'fading');
    assert.equal(onListener(lab).idleSince, undefined);
    const { time } = lab.acceptReturns(1);
    assert.equal(onListener(lab).idleSince, time);
    assert.equal(onListener(lab).mayFire, true);
  });

  it('is unknown after an enable and a disable that overlapped', () => {
    const lab = listening();
    lab.returned(lab.control(EVENT.accept));
    const disable = lab.control(EVENT.accept | EVENT_DISABLE);
    const enable = lab.control(EVENT.accept);
    lab.returned(disable);
    lab.returned(enable);
    assert.deepEqual([onListener(lab).mayFire, onListener(lab).mustFire], [true, false]);
  });

  it('is inherited by sockets accepted by an event, and not by those that WskAccept gave', () => {
    const lab = listening();
    lab.returned(lab.control(EVENT.receive));
    lab.accept(1, 2);
    assert.equal(lab.world.sockets.get(2)?.switchOf(EVENT.receive).mustFire, true);
    lab.apply('accept_enter', { call: 7, socket: 1, irp: 0x7n });
    lab.apply('socket_created', { call: 7, socket: 3, parent: 1, pointer: 3n, fn: FUNCTIONS.WskAccept });
    assert.equal(lab.world.sockets.get(3)?.switchOf(EVENT.receive).mayFire, false);
  });
});

describe('world: threads and registrations', () => {
  it('knows what runs innermost on a thread', () => {
    const lab = listening();
    lab.accept(1, 2);
    lab.apply('data_enter', { call: 5, socket: 2, irp: 0x7n, fn: FUNCTIONS.WskReceive });
    assert.deepEqual(lab.world.callback(1)?.calls, [lab.world.call(5)]);
    lab.apply('irp_complete', { call: 5 });
    assert.equal(lab.world.activity(4)?.kind, 'completion');
    lab.apply('irp_complete_return', { call: 5 });
    assert.equal(lab.world.activity(4), lab.world.callback(1));
    lab.acceptReturns(1);
    assert.equal(lab.world.activity(4), undefined);
  });

  it('knows when the client of a socket is gone', () => {
    const lab = listening();
    lab.apply('register_enter', { call: 20, block: 0x50n });
    lab.apply('call_return', { call: 20 });
    assert.equal(lab.world.isDeregistered(lab.listener), false);
    lab.apply('registration_enter', { call: 21, block: 0x50n, fn: FUNCTIONS.WskDeregister });
    assert.equal(lab.world.isDeregistered(lab.listener), false);
    lab.apply('call_return', { call: 21 });
    assert.equal(lab.world.isDeregistered(lab.listener), true);
  });

  it('finds a pool block by an address inside it, until it is freed', () => {
    const { world, apply } = listening();
    apply('pool_allocate', { address: 0x1ff0n, size: 0x40, paged: 1 });
    assert.equal(world.pool.holding(0x2010n)?.paged, true);
    assert.equal(world.pool.holding(0x2030n), undefined);
    apply('pool_free', { address: 0x1ff0n });
    assert.equal(world.pool.holding(0x2010n), undefined);
  });
});
