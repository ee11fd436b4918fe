/** What a TCP client did and what came of it, as the log of a run keeps it. */

/** An address as the host's stack gives it. */
export interface ClientAddress {
  family: 4 | 6;
  address: string;
  port: number;
}

/**
 * `receive` with result eof or reset is the peer's FIN or RST as it arrived, logged on its own by every
 * connection: `beganNs` is then when the connection began to read.
 * `vanish`: the client's address was taken away, so nothing of it reaches the network any more.
 */
export type OperationKind = 'connect' | 'send' | 'receive' | 'half-close' | 'close' | 'reset' | 'vanish';
export type OperationResult = 'ok' | 'eof' | 'refused' | 'reset' | 'timeout' | 'error';

/**
 * Times are nanoseconds of CLOCK_MONOTONIC since the log's origin. The operation took effect at the peer
 * somewhere between `beganNs` and `endedNs`; the end is late by what the worker's event loop took to notice.
 */
export interface ClientOperation {
  /** Ordinal in the log, from 0, in the order of the ends. */
  id: number;
  /** Name of the client in its scenario: 'a', or 'load#3' for the third of a group. */
  client: string;
  /** Number of the TCP connection, from 1; never used twice in a log. */
  connection: number;
  kind: OperationKind;
  beganNs: number;
  endedNs: number;
  result: OperationResult;
  /** The client's own address and the one that it connected to; null when it never had one. */
  local: ClientAddress | null;
  remote: ClientAddress | null;
  bytes: number;
  /** Why, when the result is not ok: an errno name with its text, or where received bytes differ. */
  error?: string;
}

/** How a step ended for one client, in the words of scenarios. */
export type OutcomeWord =
  | 'connected'
  | 'refused'
  | 'reset'
  | 'timeout'
  | 'unreachable'
  | 'sent'
  | 'received'
  | 'eof'
  | 'mismatch'
  | 'done'
  | 'error';

export interface ClientOutcome {
  client: string;
  outcome: OutcomeWord;
  /** More than the word: an error's text, how far a transfer came. */
  detail?: string;
}
