/**
 * The packets of a scenario on the trace's time line. QEMU 7.2 stamps a capture with whole seconds of the host's
 * clock plus the machine's own time, so its origin is only known to a second; the clients' handshakes tell the rest: each
 * SYN left after its `connect` had begun, and each SYN+ACK came before it had ended.
 */
import type { Packet } from '../check/evidence.ts';
import type { ClientOperation } from '../client/operation.ts';
import { readWire as readCapture } from '../wire/wire-file.ts';

export interface WireEvidence {
  /** Times in ns since trace_start. */
  packets: Packet[];
  /** How far off they may be. */
  errorNs: number;
  /** Why packets may be missing; undefined if none are. */
  loss: string | undefined;
}

/** Without a single connection that was made: packets keep their order and nobody can place them. */
const UNKNOWN_ERROR_NS = 1_000_000_000;

export async function readWire(path: string, operations: readonly ClientOperation[]): Promise<WireEvidence> {
  const { packets, cut, malformed } = await readCapture(path);
  const { shiftNs, errorNs } = placeOf(packets, operations);
  const reasons = [
    ...(cut ? [`the capture ends at byte ${cut.offset}: ${cut.reason}`] : []),
    ...(malformed > 0 ? [`${malformed} frames of the capture could not be decoded`] : []),
  ];
  return {
    packets: packets.map((packet) => ({ ...packet, time: packet.time + shiftNs })),
    errorNs,
    loss: reasons.length > 0 ? reasons.join('; ') : undefined,
  };
}

/** The shift that puts every handshake into its own connect; half of what is left open is the error. */
function placeOf(packets: readonly Packet[], operations: readonly ClientOperation[]) {
  let earliest = -Infinity;
  let latest = Infinity;
  const syns = firstByPort(packets, (packet) => (packet.ack ? undefined : packet.source.port));
  const answers = firstByPort(packets, (packet) => (packet.ack ? packet.destination.port : undefined));
  for (const { kind, result, local, beganNs, endedNs } of operations) {
    const syn = kind === 'connect' && result === 'ok' && local ? syns.get(local.port) : undefined;
    if (!syn) continue;
    earliest = Math.max(earliest, beganNs - syn.time);
    latest = Math.min(latest, endedNs - (answers.get(syn.source.port) ?? syn).time);
  }
  if (earliest === -Infinity) return { shiftNs: -(packets[0]?.time ?? 0), errorNs: UNKNOWN_ERROR_NS };
  return { shiftNs: (earliest + latest) / 2, errorNs: Math.abs(latest - earliest) / 2 };
}

/** Of the packets with SYN, the first of each client's port. */
function firstByPort(
  packets: readonly Packet[],
  portOf: (packet: Packet) => number | undefined,
): Map<number, Packet> {
  const first = new Map<number, Packet>();
  for (const packet of packets) {
    const port = packet.syn ? portOf(packet) : undefined;
    if (port !== undefined && !first.has(port)) first.set(port, packet);
  }
  return first;
}
