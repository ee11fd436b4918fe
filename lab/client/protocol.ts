/**
 * What the lab and its clients' worker say to each other: one JSON object a line, requests on the worker's
 * standard input, replies and operations on its standard output. The worker ends when its input does, so it
 * never outlives the lab.
 */
import type { ConnectRequest } from './connect.ts';
import type { ClientOperation, ClientOutcome } from './operation.ts';

interface OnClients {
  /** Names of clients or groups. */
  on: string[];
  withinMs: number;
}

export type WorkerCommand =
  /** First of all: `origin` is the log's, in nanoseconds of CLOCK_MONOTONIC, as a decimal text. */
  | { do: 'begin'; origin: string }
  | ({ do: 'connect'; ownAddress: boolean } & Omit<ConnectRequest, 'from'>)
  | ({ do: 'send'; bytes: number } & OnClients)
  | ({ do: 'receive'; bytes?: number | undefined } & OnClients)
  | ({ do: 'half-close' | 'close' | 'reset' | 'vanish' | 'wait-for-closed' } & OnClients)
  /** Answered with one outcome for the group: `connected` or `timeout`. */
  | { do: 'wait-for-connected'; on: string; count: number; withinMs: number }
  /** Closes every client that is still there. */
  | { do: 'close-all' };

export type WorkerRequest = { request: number } & WorkerCommand;

export type WorkerMessage =
  | { operation: ClientOperation }
  | { request: number; outcomes: ClientOutcome[] }
  | { request: number; error: string };
