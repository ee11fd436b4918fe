/**
 * The contract between the engine and the rules in specs/rules: one rule decides one clause.
 *
 * A rule is a value; `begin` gives it fresh state for one trace. Its handlers are called in the order of the
 * evidence, and *before* the world learns of the piece: at accept_event_return the callback is still in
 * progress and its enter record is at hand; at close_enter the socket is still open; at socket_created there
 * is no such socket yet. For every time that the clause is put to the test a rule says `held()` or
 * `violated()`; what it can never decide it says with `undecided()`.
 *
 * Sides. What the recorder does to the driver on purpose (a NULL AcceptSocket, a late completion) must not be
 * held against WSK, nor what it hides from WSK against the driver. So there are two worlds, each complete and
 * consistent in itself: rules of party `driver` and `permission` get the records of side both|driver and the
 * driver's world, rules of party `subsystem` those of both|provider and the provider's world. trace_start,
 * trace_stop, crash and perturbation reach both.
 *
 * Races. If A's return lies before B's enter in the trace, A came before B; if their intervals overlap,
 * nothing is known and a rule has to allow both orders.
 */
import type { EventName, RecordOf } from '../trace/records.ts';
import type { Bounds } from './bounds.ts';
import type { ClientOperation, EvidencePiece, Packet, Source } from './evidence.ts';
import type { Wire } from './wire.ts';
import type { World } from './world.ts';

export type Party = 'driver' | 'subsystem' | 'permission';

/** What a rule says about its clause, and what it may look at. */
export interface Judge {
  /** The world as it was just before the piece of evidence in hand. */
  readonly world: World;
  /** Numbers that the documentation does not give. A sentence that uses one says "lab bound". */
  readonly bounds: Bounds;
  /** Which kinds of evidence this check has. */
  readonly sources: ReadonlySet<Source>;
  /** TCP connections as the packets show them; empty without a capture. */
  readonly wire: Wire;
  /** The clause was put to the test and was kept; for a permission: it happened. */
  held(): void;
  /** The clause was put to the test and was broken. `shown` are the pieces that show it, the decisive one first. */
  violated(shown: EvidencePiece | readonly EvidencePiece[], sentence: string): void;
  /** The clause was put to the test and this evidence cannot tell; the reason is the report's. */
  undecided(reason: string): void;
  /**
   * Calls `due` once the evidence has passed now + delayNs, stalls of the guest not counted; at the end of a properly ended trace all that are left,
   * with `reached` false if the trace ended before its time. Never called if the trace was cut or lost records.
   */
  after(delayNs: number, due: (reached: boolean) => void): void;
  /** How much of that time the guest was awake: what may be compared with a bound. */
  awakeNs(from: number, to: number): number;
}

export type Handlers = { [Name in EventName]?: (record: RecordOf<Name>) => void } & {
  packet?: (packet: Packet) => void;
  operation?: (operation: ClientOperation) => void;
};

export interface Observer {
  on: Handlers;
  /** After the last piece of evidence: what is still owed. Called only if the trace ended properly and whole. */
  finish?: () => void;
}

export interface Rule {
  /** The catalogue's id: 'accept-event/flags-domain'. */
  clause: string;
  party: Party;
  /**
   * Decides each case from one record and from what can never change (a socket's family, parent and context):
   * its violations stay sound when other records are missing.
   */
  local?: true;
  /** Evidence without which the clause cannot be decided at all. */
  needs?: readonly ('wire' | 'client')[];
  begin(judge: Judge): Observer;
}
