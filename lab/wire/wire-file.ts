/** The wire of a run: the TCP segments of its capture file. */
import { readFile } from 'node:fs/promises';
import type { Packet } from '../check/evidence.ts';
import { LabError } from '../errors.ts';
import { IpFragments } from './ip-fragments.ts';
import { readCapture } from './pcap.ts';
import { decodeTcpSegment } from './tcp-segment.ts';

export interface Wire {
  /** Whole seconds since 1970, by the clock of who captured, from which packets count their time. */
  epochSeconds: number;
  /** TCP segments in the order of capture; `position` is the frame's ordinal in the file. */
  packets: Packet[];
  /** What should have been TCP segments and could not be decoded, or is not all there. */
  malformed: number;
  /** Where and why the file ended before its time. */
  cut: { offset: number; reason: string } | undefined;
}

/** Throws LAB_WIRE_FOREIGN if the file is missing or no capture. */
export async function readWire(path: string): Promise<Wire> {
  const bytes = await readFile(path).catch((cause: unknown) => {
    throw new LabError({
      code: 'LAB_WIRE_FOREIGN',
      blame: 'usage',
      message: `no capture at '${path}': ${(cause as Error).message}`,
      next: 'give the pcap file of a run',
      cause,
    });
  });
  return decodeWire(bytes, path);
}

export function decodeWire(bytes: Buffer, path?: string): Wire {
  const { epochSeconds, frames, cut } = readCapture(bytes, path);
  const packets: Packet[] = [];
  let malformed = 0;
  const fragments = new IpFragments();
  for (const captured of frames) {
    const frame = fragments.take(captured);
    const segment = frame && decodeTcpSegment(frame);
    if (segment === 'malformed') malformed++;
    else if (segment) packets.push(segment);
  }
  return { epochSeconds, packets, malformed: malformed + fragments.missing, cut };
}
