import assert from 'node:assert/strict';
import type { Packet } from './evidence.ts';
import { endpointText, hostKey, Wire } from './wire.ts';

const client = { family: 2, port: 5001, address: '10.77.0.1' };
const server = { family: 2, port: 7, address: '10.77.0.2' };

let position = 0;
/** `is` holds the letters of the flags: S, A, F, R, P. */
const packet = (from: 'client' | 'server', is: string, time: number, more: Partial<Packet> = {}): Packet => ({
  position: position++,
  time,
  source: from === 'client' ? client : server,
  destination: from === 'client' ? server : client,
  syn: is.includes('S'),
  ack: is.includes('A'),
  fin: is.includes('F'),
  rst: is.includes('R'),
  psh: is.includes('P'),
  sequence: 1,
  acknowledgement: 1,
  payloadBytes: 0,
  ...more,
});

function open(wire: Wire, at: number, sequence = 1) {
  wire.apply(packet('client', 'S', at, { sequence }));
  wire.apply(packet('server', 'SA', at + 1, { sequence: 500 }));
  wire.apply(packet('client', 'A', at + 2, { acknowledgement: 501 }));
}

describe('wire', () => {
  it('follows a connection from SYN to both FINs', () => {
    const wire = new Wire(1000);
    open(wire, 10);
    const connection = wire.at(client, server, 20)!;
    assert.equal(connection.established?.time, 12);
    wire.apply(packet('client', 'FA', 30));
    assert.equal(connection.isOver, false);
    wire.apply(packet('server', 'FA', 31));
    assert.deepEqual([connection.clientEnd?.time, connection.serverEnd?.time], [30, 31]);
    assert.equal(connection.isOver, true);
  });

  it('takes a SYN seen twice as one connection, and a new one after the end as another', () => {
    const wire = new Wire(1000);
    open(wire, 10);
    wire.apply(packet('client', 'S', 15));
    assert.equal(wire.between(client, server).length, 1);
    wire.apply(packet('client', 'R', 20));
    open(wire, 30, 9);
    assert.equal(wire.between(client, server).length, 2);
    assert.equal(wire.at(client, server, 25)?.isReset, true);
    assert.equal(wire.at(client, server, 35)?.isReset, false);
  });

  it('knows what the client has not acknowledged', () => {
    const wire = new Wire(1000);
    open(wire, 10);
    const connection = wire.at(client, server, 20)!;
    assert.equal(connection.hasUnacknowledged, false);
    wire.apply(packet('server', 'PA', 21, { sequence: 501, payloadBytes: 5 }));
    assert.equal(connection.hasUnacknowledged, true);
    wire.apply(packet('client', 'A', 22, { acknowledgement: 506 }));
    assert.equal(connection.hasUnacknowledged, false);
  });

  it('forgets what is long over', () => {
    const wire = new Wire(100);
    open(wire, 10);
    wire.apply(packet('client', 'R', 20));
    wire.apply(packet('client', 'S', 200, { source: { ...client, port: 5002 } }));
    assert.deepEqual([...wire.all()].length, 1);
  });

  it('has one spelling for each host', () => {
    assert.equal(hostKey('fd77::2'), hostKey('fd77:0:0:0:0:0:0:0002'));
    assert.equal(hostKey('fe80::1%3'), hostKey('FE80::1'));
    assert.equal(hostKey('::ffff:10.77.0.2'), '10.77.0.2');
    assert.equal(hostKey('::ffff:a4d:2'), '10.77.0.2');
    assert.notEqual(hostKey('fd77::2'), hostKey('fd77::2:0'));
  });

  it('prints endpoints', () => {
    assert.equal(endpointText({ family: 23, port: 7, address: 'fd77::2' }), '[fd77::2]:7');
    assert.equal(endpointText(server), '10.77.0.2:7');
    assert.equal(endpointText(null), 'no address');
  });
});
