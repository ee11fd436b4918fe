/** Chooses the network: a tap device where the host allows it, else user networking, with the reason kept. */
import { LabError } from '../errors.ts';
import type { GuestNetwork } from './guest-network.ts';
import { openTapNetwork } from './tap-network.ts';
import { UserNetwork } from './user-network.ts';

export type NetworkChoice = 'auto' | 'tap' | 'user';

/** 'tap' rejects with LAB_TAP_UNAVAILABLE where 'auto' falls back. */
export async function openNetwork(choice: NetworkChoice = 'auto'): Promise<GuestNetwork> {
  if (choice === 'user') return new UserNetwork('it was asked for');
  try {
    return await openTapNetwork();
  } catch (error) {
    if (choice === 'tap' || !(error instanceof LabError)) throw error;
    const advice = error.next === undefined ? '' : `; ${error.next}`;
    return new UserNetwork(`${error.message}${advice}`);
  }
}
