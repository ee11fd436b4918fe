/** One WSK_REGISTRATION block from WskRegister to the return of WskDeregister. */
import type { RecordOf } from '../trace/records.ts';

export class Registration {
  readonly block: bigint;
  /** WskRegister returned success. */
  isRegistered = false;
  /** Successful captures that are not released. */
  captures = 0;
  /** Flags of WSK_SET_STATIC_EVENT_CALLBACKS, from the moment they may be in force. */
  staticEvents = 0;
  deregisterEnter: RecordOf<'registration_enter'> | undefined = undefined;
  deregisterReturn: RecordOf<'call_return'> | undefined = undefined;

  constructor(block: bigint) {
    this.block = block;
  }
}
