/**
 * The packets of a scenario on the trace's time line. QEMU 7.2 stamps a capture with whole seconds of the host's
 * clock plus the machine's own time, so its origin is only known to a second; the clients' SYNs tell the rest:
 * each left between the begin and the end of the `connect` that sent it.
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

/** The shift that puts every SYN into its own connect; half of what is left open is the error. */
function placeOf(packets: readonly Packet[], operations: readonly ClientOperation[]) {
  let earliest = -Infinity;
  let latest = Infinity;
  const syns = new Map<number, Packet>();
  for (const packet of packets) {
    if (packet.syn && !packet.ack && !syns.has(packet.source.port)) syns.set(packet.source.port, packet);
  }
  for (const { kind, result, local, beganNs, endedNs } of operations) {
    const syn = kind === 'connect' && result === 'ok' && local ? syns.get(local.port) : undefined;
    if (!syn) continue;
    earliest = Math.max(earliest, beganNs - syn.time);
    latest = Math.min(latest, endedNs - syn.time);
  }
  if (earliest === -Infinity) return { shiftNs: -(packets[0]?.time ?? 0), errorNs: UNKNOWN_ERROR_NS };
  return { shiftNs: (earliest + latest) / 2, errorNs: Math.max(0, (latest - earliest) / 2) };
}
