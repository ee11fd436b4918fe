/**
 * The lab's own numbers where the documentation says "as soon as possible" or "too long". They are chosen so
 * large that a slow emulated guest keeps them, and stalls of the guest do not count (awake-time.ts); a verdict that rests on one says so.
 */
export interface Bounds {
  /** "As soon as possible": a listener with a NULL AcceptSocket is closed, a rejected connection torn down. */
  soonNs: number;
  /** "Too much time at DISPATCH_LEVEL". */
  dispatchNs: number;
  /** A wait inside a callback that lasts this long while its own request is pending waits for that request. */
  waitNs: number;
  /** How long a driver has, from entering WskDeregister, to close what is open. */
  shutdownNs: number;
  /** After this long a change that WSK gives no notice of counts as made (a disable after STATUS_EVENT_PENDING). */
  settleNs: number;
  /** How far packets and client operations may be off the trace's clock. */
  clockErrorNs: number;
}

const MILLISECOND = 1_000_000;

export const LAB_BOUNDS: Bounds = {
  soonNs: 10_000 * MILLISECOND,
  dispatchNs: 2000 * MILLISECOND,
  waitNs: 2500 * MILLISECOND,
  shutdownNs: 5000 * MILLISECOND,
  settleNs: 2000 * MILLISECOND,
  clockErrorNs: 20 * MILLISECOND,
};
