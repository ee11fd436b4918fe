/**
 * Reads classic pcap files of Ethernet frames, as QEMU's filter-dump writes them, as far as they are whole. npm
 * has no maintained reader of them: its pcap packages are abandoned or bind to libpcap, hence our own.
 */
import { LabError } from '../errors.ts';

const FILE_HEADER_BYTES = 24;
const RECORD_HEADER_BYTES = 16;
const LINKTYPE_ETHERNET = 1;
/** Nanoseconds per unit of a record's sub-second time, by the file's magic. */
const RESOLUTION_NS = new Map([
  [0xa1b2c3d4, 1000],
  [0xa1b23c4d, 1],
]);
/** libpcap's own limit for a captured frame. */
const LARGEST_FRAME_BYTES = 262144;

export interface Frame {
  /** Ordinal in the capture, from 0. */
  position: number;
  /** Nanoseconds since `Capture.epochSeconds`. */
  time: number;
  /** As captured: shorter than on the wire if the capture had a limit. */
  bytes: Buffer;
}

export interface Capture {
  /** Whole seconds since 1970 from which frames count their time: that of the first frame. */
  epochSeconds: number;
  frames: Frame[];
  /** Where and why the file ended before its time. */
  cut: { offset: number; reason: string } | undefined;
}

/**
 * Throws LAB_WIRE_FOREIGN if the bytes are no capture of Ethernet frames. A capture that is damaged or unfinished gives the
 * frames up to there, and says so.
 */
export function readCapture(bytes: Buffer, path = 'capture'): Capture {
  const resolutionNs = readFileHeader(bytes, path);
  const capture: Capture = { epochSeconds: 0, frames: [], cut: undefined };
  for (let at = FILE_HEADER_BYTES; at < bytes.length;) {
    const header = readFrameHeader(bytes, at, resolutionNs);
    if (typeof header === 'string') {
      capture.cut = { offset: at, reason: header };
      break;
    }
    if (capture.frames.length === 0) capture.epochSeconds = header.seconds;
    const begin = at + RECORD_HEADER_BYTES;
    capture.frames.push({
      position: capture.frames.length,
      time: (header.seconds - capture.epochSeconds) * 1e9 + header.nanoseconds,
      bytes: bytes.subarray(begin, begin + header.size),
    });
    at = begin + header.size;
  }
  return capture;
}

/** The header of the frame at `at`, or what is wrong with the frame. */
function readFrameHeader(bytes: Buffer, at: number, resolutionNs: number) {
  const left = bytes.length - at - RECORD_HEADER_BYTES;
  if (left < 0)
    return `the capture ends inside a frame's header, ${left + RECORD_HEADER_BYTES} bytes of it are there`;
  const nanoseconds = bytes.readUInt32LE(at + 4) * resolutionNs;
  const size = bytes.readUInt32LE(at + 8);
  if (size > LARGEST_FRAME_BYTES) return `a frame of ${size} bytes`;
  if (nanoseconds >= 1e9) return `a time with ${nanoseconds} ns within its second`;
  if (size > left) return `the capture ends inside a frame, ${left} of ${size} bytes are there`;
  return { seconds: bytes.readUInt32LE(at), nanoseconds, size };
}

function readFileHeader(bytes: Buffer, path: string): number {
  const foreign = (what: string) =>
    new LabError({
      code: 'LAB_WIRE_FOREIGN',
      blame: 'usage',
      message: `'${path}' is not a capture of Ethernet frames: ${what}`,
      next: 'give the pcap file of a run',
      evidence: [path],
    });
  if (bytes.length < FILE_HEADER_BYTES)
    throw foreign(`${bytes.length} bytes, a header alone has ${FILE_HEADER_BYTES}`);
  const resolutionNs = RESOLUTION_NS.get(bytes.readUInt32LE(0));
  if (resolutionNs === undefined)
    throw foreign(`it begins with ${bytes.toString('hex', 0, 4)} (a little-endian pcap: d4c3b2a1)`);
  const linkType = bytes.readUInt32LE(20) & 0xffff;
  if (linkType !== LINKTYPE_ETHERNET) throw foreign(`link type ${linkType} instead of 1`);
  return resolutionNs;
}
