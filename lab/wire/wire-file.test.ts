import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import fc from 'fast-check';
import type { Packet } from '../check/evidence.ts';
import { LabError } from '../errors.ts';
import { formatIpv4, formatIpv6 } from '../trace/address.ts';
import { buildCapture, buildFrame, fragmentsOf, type SegmentInput } from './frame.ts';
import { decodeWire, readWire } from './wire-file.ts';

/** Real TCP between two sockets of one Linux host, IPv4 and IPv6: echo and half-close, reset, refused. */
const LOOPBACK = fileURLToPath(new URL('fixtures/loopback.pcap', import.meta.url));

const bytes = (length: number) => fc.uint8Array({ minLength: length, maxLength: length });
const u32 = fc.nat(0xffffffff);
const segment = (address: fc.Arbitrary<string>): fc.Arbitrary<SegmentInput> => {
  const endpoint = fc.record({ address, port: fc.nat(0xffff) });
  return fc.record({
    source: endpoint,
    destination: endpoint,
    flags: fc.nat(31),
    sequence: u32,
    acknowledgement: u32,
    payloadBytes: fc.nat(3000),
    optionWords: fc.nat(10),
    extensions: fc.array(fc.constantFrom(0, 43, 60), { maxLength: 1 }),
    vlan: fc.boolean(),
  });
};
const anySegment = fc.oneof(
  segment(bytes(4).map((value) => formatIpv4(value))),
  segment(bytes(16).map((value) => formatIpv6(value))),
);

describe('wire', function () {
  this.timeout(60_000);
  let folder: string;
  before(async () => void (folder = await mkdtemp(join(tmpdir(), 'wsklab-wire-'))));
  after(() => rm(folder, { recursive: true }));

  it('shows of real traffic what tshark shows', async () => {
    const { packets, epochSeconds, malformed, cut } = await readWire(LOOPBACK);
    assert.deepEqual(
      packets.map((packet) => asTshark(packet, epochSeconds)),
      await tshark(LOOPBACK),
    );
    assert.deepEqual([packets.length, malformed, cut], [44, 0, undefined]);
  });

  it('shows of any segment, with options, extension headers and tags, what tshark shows', async () => {
    const frames = fc.sample(anySegment, { numRuns: 400, seed: 2 }).map(buildFrame);
    const path = join(folder, 'made.pcap');
    await writeFile(path, buildCapture(frames));
    const { packets, epochSeconds, malformed } = await readWire(path);
    assert.deepEqual(
      packets.map((packet) => asTshark(packet, epochSeconds)),
      await tshark(path),
    );
    assert.deepEqual([packets.length, malformed], [400, 0]);
  });

  it('shows of a segment in fragments, whatever their order, what tshark shows', async () => {
    const segments = fc.sample(segment(bytes(4).map((value) => formatIpv4(value))), { numRuns: 50, seed: 4 });
    const frames = segments.flatMap((input, index) => {
      const fragments = fragmentsOf(buildFrame({ ...input, vlan: false }), 8 * (3 + (index % 60)));
      for (const fragment of fragments) fragment.writeUInt16BE(index, 18);
      return index % 2 === 0 ? fragments : fragments.reverse();
    });
    const path = join(folder, 'fragments.pcap');
    await writeFile(path, buildCapture(frames));
    const { packets, epochSeconds, malformed } = await readWire(path);
    assert.deepEqual(
      packets.map((packet) => asTshark(packet, epochSeconds)),
      await tshark(path),
    );
    assert.deepEqual([packets.length, malformed], [50, 0]);
  });

  it('counts a packet as undecoded of which a fragment is missing', () => {
    const [input] = fc.sample(segment(fc.constant('10.77.0.1')), { numRuns: 1, seed: 3 });
    const whole = buildFrame({ ...input!, payloadBytes: 100, vlan: false });
    const fragments = fragmentsOf(whole, 64);
    for (let missing = 0; missing < fragments.length; missing++) {
      const { packets, malformed } = decodeWire(buildCapture(fragments.toSpliced(missing, 1)));
      assert.deepEqual([packets.length, malformed], [0, 1]);
    }
  });

  it('ignores what is not TCP and counts TCP that cannot be', () => {
    const whole = buildFrame(fc.sample(segment(fc.constant('10.77.0.1')), { numRuns: 1, seed: 3 })[0]!);
    const arp = Buffer.concat([Buffer.alloc(12), Buffer.from([8, 6]), Buffer.alloc(28)]);
    const udp = Buffer.from(whole);
    udp.writeUInt8(17, (whole.readUInt16BE(12) === 0x8100 ? 18 : 14) + 9);
    const { packets, malformed } = decodeWire(buildCapture([arp, udp, whole, whole.subarray(0, 40)]));
    assert.deepEqual([packets.map(({ position }) => position), malformed], [[2], 1]);
  });

  it('gives of a cut capture the packets before the cut and says where it is', async () => {
    const whole = await readFile(LOOPBACK);
    const all = decodeWire(whole).packets;
    for (let cut = 24; cut < whole.length; cut += 7) {
      const wire = decodeWire(whole.subarray(0, cut));
      assert.deepEqual(wire.packets, all.slice(0, wire.packets.length));
      const end = wire.cut?.offset ?? cut;
      assert.ok(end <= cut && (wire.cut === undefined) === (end === cut));
    }
    assert.deepEqual(decodeWire(whole.subarray(0, 24 + 20)).cut, {
      offset: 24,
      reason: 'the capture ends inside a frame, 4 of 74 bytes are there',
    });
  });

  it('survives any damage, and refuses what is no capture', async () => {
    const whole = await readFile(LOOPBACK);
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(whole.length - 1), fc.nat(255)), { minLength: 1 }), (changes) => {
        const damaged = Buffer.from(whole);
        for (const [offset, value] of changes) damaged[offset] = value;
        try {
          assert.ok(decodeWire(damaged).packets.length <= whole.length / 70);
        } catch (error) {
          assert.ok(error instanceof LabError, String(error));
        }
      }),
      { numRuns: 1000 },
    );
    assert.throws(() => decodeWire(Buffer.from('not a capture, whatever it is')), {
      code: 'LAB_WIRE_FOREIGN',
    });
    await assert.rejects(readWire(join(folder, 'none')), { code: 'LAB_WIRE_FOREIGN', exitCode: 2 });
  });
});

const FIELDS = [
  ...['frame.time_epoch', 'ip.src', 'ipv6.src', 'tcp.srcport', 'ip.dst', 'ipv6.dst', 'tcp.dstport'],
  ...['tcp.flags.fin', 'tcp.flags.syn', 'tcp.flags.reset', 'tcp.flags.push', 'tcp.flags.ack'],
  ...['tcp.seq_raw', 'tcp.ack_raw', 'tcp.len'],
];

/** The fields of every TCP segment as tshark sees them, a row each. */
async function tshark(path: string): Promise<string[]> {
  const { stdout } = await execa('tshark', [
    ...['-r', path, '-Y', 'tcp', '-T', 'fields', '-E', 'separator=|', '-E', 'occurrence=f'],
    ...FIELDS.flatMap((field) => ['-e', field]),
  ]);
  return stdout.split('\n').map((line) => line.replaceAll(/\|{2,}/g, '|'));
}

function asTshark(packet: Packet, epochSeconds: number): string {
  const seconds = epochSeconds + Math.floor(packet.time / 1e9);
  const { source, destination, fin, syn, rst, psh, ack } = packet;
  return [
    `${seconds}.${String(packet.time % 1e9).padStart(9, '0')}`,
    ...[source.address, source.port, destination.address, destination.port],
    ...[fin, syn, rst, psh, ack].map(Number),
    ...[packet.sequence, packet.acknowledgement, packet.payloadBytes],
  ].join('|');
}
