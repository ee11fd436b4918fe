/**
 * Whether one event callback of one socket may be called, as far as the calls that switch it tell.
 *
 * A switch takes effect somewhere inside the interval of the call that asks for it: an enable between its
 * enter and its return, a disable when it returns STATUS_SUCCESS or when its IRP completes, whichever is
 * first. When two such calls overlap nobody knows which came last, so the switch is `unknown`: it may fire and
 * nobody owes it. After STATUS_EVENT_PENDING it is `fading`: it goes off at a moment of which nobody is told.
 */
import { STATUS_EVENT_PENDING, succeeded } from './wsk.ts';

export type SwitchState = 'off' | 'on' | 'unknown' | 'fading';

export class EventSwitch {
  readonly flag: number;
  state: SwitchState = 'off';
  /** Who switched it on last. */
  origin: 'nobody' | 'inherited' | 'static' | 'own' = 'nobody';
  /** An own enable was attempted at some time, whatever came of it. */
  attempted = false;
  /** Enables and disables between their enter and their effect. */
  enabling = 0;
  disabling = 0;
  /** Where the last disable took effect; undefined if it never was on. */
  offSince: { position: number; time: number } | undefined = undefined;
  /** While fading: since when no call of it has been in progress; undefined while one is. */
  idleSince: number | undefined = undefined;
  /** When a call of it last began or ended. */
  lastCall = -Infinity;
  private isStatic = false;
  private changes = 0;
  private lastEnable = 0;
  private lastDisable = 0;

  constructor(flag: number) {
    this.flag = flag;
  }

  /** False only when a call of this callback would be WSK's mistake. */
  get mayFire(): boolean {
    return this.state !== 'off' || this.enabling > 0;
  }

  /** True only when WSK owes a call of this callback for what happens now. */
  get mustFire(): boolean {
    return this.state === 'on' && this.enabling === 0 && this.disabling === 0;
  }

  /** It has been on, or may have been, at some time. */
  get everOn(): boolean {
    return this.origin !== 'nobody' || this.attempted;
  }

  /** Switched on without a call on this very socket. */
  preset(state: SwitchState, origin: 'inherited' | 'static'): void {
    if (state === 'off') return;
    this.state = state;
    this.origin = origin;
    if (origin === 'static') this.isStatic = true;
  }

  begin(disables: boolean): SwitchChange {
    const ordinal = ++this.changes;
    if (disables) {
      this.disabling++;
      this.lastDisable = ordinal;
      return { eventSwitch: this, disables, ordinal, contested: this.enabling > 0 };
    }
    this.attempted = true;
    this.enabling++;
    this.lastEnable = ordinal;
    return { eventSwitch: this, disables, ordinal, contested: this.disabling > 0 || this.state === 'fading' };
  }

  /** The change took effect or failed; `status` is the call's or its IRP's, never STATUS_PENDING. */
  end(
    change: SwitchChange,
    status: number,
    at: { position: number; time: number },
    inProgress: boolean,
  ): void {
    if (change.disables) this.endDisable(change, status, at, inProgress);
    else this.endEnable(change, status);
  }

  private endEnable(change: SwitchChange, status: number): void {
    this.enabling--;
    if (!succeeded(status)) return;
    this.origin = 'own';
    this.state = change.contested || this.lastDisable > change.ordinal ? 'unknown' : 'on';
  }

  private endDisable(
    change: SwitchChange,
    status: number,
    at: { position: number; time: number },
    inProgress: boolean,
  ): void {
    this.disabling--;
    // What was enabled statically stays so for the life of the socket, whatever the attempt returned.
    if (this.isStatic) return;
    if (change.contested || this.lastEnable > change.ordinal) {
      this.state = 'unknown';
    } else if (status === STATUS_EVENT_PENDING) {
      if (this.state === 'off') return;
      this.state = 'fading';
      this.idleSince = inProgress ? undefined : at.time;
    } else if (succeeded(status)) {
      this.state = 'off';
      this.offSince = { position: at.position, time: at.time };
    } else if (this.state !== 'off') {
      this.state = 'unknown';
    }
  }
}

/** One flag of one SO_WSK_EVENT_CALLBACK call, from its enter to its effect. */
export interface SwitchChange {
  eventSwitch: EventSwitch;
  disables: boolean;
  ordinal: number;
  /** A change the other way was under way when this one began. */
  contested: boolean;
}
