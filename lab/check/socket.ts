/** A WSK_SOCKET as one side of the recorder knows it, from its creation until nothing can refer to it. */
import type { RecordOf, SocketAddress } from '../trace/records.ts';
import type { Call, Callback } from './call.ts';
import { EventSwitch } from './event-switch.ts';
import { CONNECTION_EVENTS, EVENT, succeeded } from './wsk.ts';

export type Category = 'basic' | 'listen' | 'connection' | 'datagram' | 'stream';
export type Obtained = 'WskSocket' | 'WskSocketConnect' | 'WskAccept' | 'WskAcceptEvent';

/** A client dispatch table as it was when it was handed over; slots are 0n when the table is NULL. */
export interface DispatchTable {
  readonly table: bigint;
  readonly slot0: bigint;
  readonly slot1: bigint;
  readonly slot2: bigint;
}

export class Socket {
  readonly id: number;
  readonly pointer: bigint;
  /** The address that WSK gave, where the driver got the recorder's. */
  readonly providerPointer: bigint;
  /** Undefined if the call that made it is not in the trace. */
  readonly category: Category | undefined;
  readonly obtained: Obtained;
  /** The listener that it was accepted on. */
  readonly parent: Socket | undefined;
  /** AF_INET or AF_INET6; 0 if not known. */
  readonly family: number;
  /** The PWSK_CLIENT that it belongs to; 0n if not known. */
  readonly client: bigint;
  /** The record that brought it: socket_created or accept_event_enter. */
  readonly origin: RecordOf<'socket_created' | 'accept_event_enter'>;
  /** Undefined while not known: of an accepted socket until its WskAcceptEvent returned. */
  context: bigint | undefined = undefined;
  dispatch: DispatchTable | undefined = undefined;
  /** The WskAcceptEvent that brought it returned here; STATUS_SUCCESS and rejection alike. */
  acceptReturn: RecordOf<'accept_event_return'> | undefined = undefined;
  /** That WskAcceptEvent returned STATUS_REQUEST_NOT_ACCEPTED: WSK closes it. */
  rejected = false;
  /** Address of the last WskBind, and whether a WskBind has succeeded. */
  bindAddress: SocketAddress | null = null;
  isBound = false;
  isConnected = false;
  /** WskSend or WskReceive was called on it. */
  carriedData = false;
  /** The first WskCloseSocket. */
  closeEnter: RecordOf<'close_enter'> | undefined = undefined;
  /** The IRP of a WskCloseSocket completed with success. */
  isClosed = false;
  /** Nothing more can happen to it in an honest trace; the world keeps only the last ones of these. */
  isGone = false;
  /** A WskAcceptEvent with a NULL AcceptSocket was entered for this listener. */
  deadSince: RecordOf<'accept_event_enter'> | undefined = undefined;
  /** Event callbacks of this socket in progress. */
  readonly callbacks: Callback[] = [];
  /** Calls between C and R, and IRPs between C and I. */
  readonly executing: Call[] = [];
  readonly pending: Call[] = [];
  private readonly switches: EventSwitch[] = [];

  constructor(facts: {
    id: number;
    pointer: bigint;
    providerPointer: bigint;
    category: Category | undefined;
    obtained: Obtained;
    parent: Socket | undefined;
    family: number;
    client: bigint;
    origin: RecordOf<'socket_created' | 'accept_event_enter'>;
  }) {
    this.id = facts.id;
    this.pointer = facts.pointer;
    this.providerPointer = facts.providerPointer;
    this.category = facts.category;
    this.obtained = facts.obtained;
    this.parent = facts.parent;
    this.family = facts.family;
    this.client = facts.client;
    this.origin = facts.origin;
  }

  /** The switch of one event; `flag` is one of EVENT. Switches exist from their first use on. */
  switchOf(flag: number): EventSwitch {
    for (const existing of this.switches) if (existing.flag === flag) return existing;
    const made = new EventSwitch(flag);
    this.switches.push(made);
    return made;
  }

  /** Flags whose switch satisfies `test`; switches never touched count as off. */
  flagsWhere(test: (eventSwitch: EventSwitch) => boolean): number {
    let flags = 0;
    for (const existing of this.switches) if (test(existing)) flags |= existing.flag;
    return flags;
  }

  /**
   * Its WskAcceptEvent returned a failure, so WSK has it back. A success other than STATUS_SUCCESS is not documented;
   * a driver that returns one believes that it owns the socket, and the recorder tells WSK so.
   */
  get isDisowned(): boolean {
    return this.acceptReturn !== undefined && !succeeded(this.acceptReturn.status);
  }

  /** The dispatch slot that serves an event; undefined while the table is not known or the event has no slot. */
  slotFor(flag: number): bigint | undefined {
    if (!this.dispatch) return undefined;
    if (flag === EVENT.accept) return this.category === 'listen' ? this.dispatch.slot0 : undefined;
    if ((flag & CONNECTION_EVENTS) === 0 || this.category !== 'connection') return undefined;
    if (flag === EVENT.receive) return this.dispatch.slot0;
    return flag === EVENT.disconnect ? this.dispatch.slot1 : this.dispatch.slot2;
  }

  /** Events that fit the category of this socket. */
  get fittingEvents(): number {
    if (this.category === 'listen') return EVENT.accept | CONNECTION_EVENTS;
    if (this.category === 'connection') return CONNECTION_EVENTS;
    return this.category === 'datagram' ? EVENT.receiveFrom : 0;
  }
}
