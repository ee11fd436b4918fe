/**
 * A call of the driver into WSK, from its enter until it has returned and its IRP's completion routine has
 * returned. `C`, `R`, `I` and `IX` of the catalogue are its enter, return, completion and the end of that.
 */
import { FUNCTIONS, type FunctionName } from '../trace/schema.ts';
import type { RecordOf } from '../trace/records.ts';
import type { SwitchChange } from './event-switch.ts';
import type { Socket } from './socket.ts';

const FUNCTION_NAMES = new Map<number, FunctionName>(
  Object.entries(FUNCTIONS).map(([name, number]) => [number, name as FunctionName]),
);

/** The function that a record's `fn` means. */
export const functionName = (fn: number): FunctionName | undefined => FUNCTION_NAMES.get(fn);

export type CallEnter = RecordOf<
  | 'socket_enter'
  | 'control_client_enter'
  | 'control_socket_enter'
  | 'bind_enter'
  | 'accept_enter'
  | 'address_enter'
  | 'data_enter'
  | 'disconnect_enter'
  | 'close_enter'
  | 'release_enter'
  | 'other_enter'
  | 'register_enter'
  | 'capture_enter'
  | 'registration_enter'
>;

export class Call {
  readonly number: number;
  readonly fn: FunctionName;
  readonly enter: CallEnter;
  /** Undefined for functions of the client or the registration, and for a socket that the world does not know. */
  readonly socket: Socket | undefined;
  /** 0n if the call has none. */
  readonly irp: bigint;
  /** What it returned; undefined until R. */
  status: number | undefined = undefined;
  /** The IRP's status; undefined until I. */
  completion: number | undefined = undefined;
  completionReturned = false;
  /** The socket that a WskSocket or WskAccept made. */
  created: Socket | undefined = undefined;
  /** What an SO_WSK_EVENT_CALLBACK call switches, until it took effect. */
  changes: SwitchChange[] | undefined = undefined;

  constructor(facts: Pick<Call, 'number' | 'fn' | 'enter' | 'socket' | 'irp'>) {
    this.number = facts.number;
    this.fn = facts.fn;
    this.enter = facts.enter;
    this.socket = facts.socket;
    this.irp = facts.irp;
  }

  /** C..R: the driver is inside the function. */
  get isExecuting(): boolean {
    return this.status === undefined;
  }

  /** C..I: WSK owns the IRP. */
  get isPending(): boolean {
    return this.irp !== 0n && this.completion === undefined;
  }
}

export type CallbackEvent = 'accept' | 'receive' | 'disconnect' | 'backlog' | 'inspect' | 'client';

export type CallbackEnter = RecordOf<
  | 'accept_event_enter'
  | 'receive_event_enter'
  | 'disconnect_event_enter'
  | 'backlog_event_enter'
  | 'inspect_event_enter'
  | 'client_event_enter'
>;

/** An event callback in progress: E..X. */
export class Callback {
  readonly kind = 'callback';
  readonly number: number;
  readonly event: CallbackEvent;
  readonly enter: CallbackEnter;
  /** Undefined for WskClientEvent and for a socket that the world does not know. */
  readonly socket: Socket | undefined;
  /** Of WskAcceptEvent: the accepted socket; null if AcceptSocket is NULL. */
  readonly accepted: Socket | null | undefined;
  /** Calls that the driver made in it, on its thread. */
  readonly calls: Call[] = [];

  constructor(facts: Pick<Callback, 'event' | 'enter' | 'socket' | 'accepted'>) {
    this.number = facts.enter.callback;
    this.event = facts.event;
    this.enter = facts.enter;
    this.socket = facts.socket;
    this.accepted = facts.accepted;
  }
}

/** A completion routine in progress: I..IX. */
export class Completion {
  readonly kind = 'completion';
  readonly call: Call;
  readonly enter: RecordOf<'irp_complete'>;
  /** Calls that the driver made in it, on its thread. */
  readonly calls: Call[] = [];

  constructor(call: Call, enter: RecordOf<'irp_complete'>) {
    this.call = call;
    this.enter = enter;
  }
}

/** What WSK is doing on a thread when the driver's code runs there. */
export type Activity = Callback | Completion;
