/**
 * What the checker judges: trace records, packets at the guest's NIC, client operations, and the news that
 * some of it is missing. The structural types of packet and operation say what rules need, no more.
 *
 * All times are nanoseconds since trace_start, on one line; evidence comes in order of time. The place of
 * records among each other is exact. The place of a packet or an operation among records is only as good as
 * the clocks: see `clockErrorNs` in bounds.ts.
 */
import type { SocketAddress, TraceRecord } from '../trace/records.ts';

export type Endpoint = SocketAddress;

/** One TCP segment as the guest's NIC carried it. `local` and `remote` are never known here, only who sent it. */
export interface Packet {
  /** Ordinal in the capture, from 0. */
  position: number;
  time: number;
  source: Endpoint;
  destination: Endpoint;
  syn: boolean;
  ack: boolean;
  fin: boolean;
  rst: boolean;
  psh: boolean;
  sequence: number;
  acknowledgement: number;
  payloadBytes: number;
}

/** What a TCP client on the host did, and what came of it. */
export interface ClientOperation {
  /** Ordinal in the log of operations, from 0. */
  position: number;
  /** When it ended; `began` is when it began. */
  time: number;
  began: number;
  /** Number of the client connection, from 1. */
  connection: number;
  kind: 'connect' | 'send' | 'receive' | 'half-close' | 'close' | 'reset';
  result: 'ok' | 'eof' | 'refused' | 'reset' | 'timeout' | 'error';
  /** The client's own address and the one it connected to, as the host saw them; null when never known. */
  local: Endpoint | null;
  remote: Endpoint | null;
  bytes: number;
}

export type Source = 'trace' | 'wire' | 'client';

/** Evidence that was made and did not arrive: a full ring, a file cut in the middle. */
export interface Loss {
  source: 'loss';
  /** What is incomplete; the trace if not said. */
  of?: Source;
  /** How many pieces are missing; 0 when nobody can tell. */
  count: number;
  reason: string;
}

export type Evidence =
  | { source: 'trace'; record: TraceRecord }
  | { source: 'wire'; packet: Packet }
  | { source: 'client'; operation: ClientOperation }
  | Loss;

/** A piece of evidence that a verdict points at. */
export interface EvidencePlace {
  source: Source;
  position: number;
  time: number;
}

export type EvidencePiece = TraceRecord | Packet | ClientOperation;

export function placeOf(piece: EvidencePiece): EvidencePlace {
  const source = 'event' in piece ? 'trace' : 'syn' in piece ? 'wire' : 'client';
  return { source, position: piece.position, time: piece.time };
}
