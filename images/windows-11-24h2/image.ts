import { windowsGuest } from '../windows/windows-guest.ts';

export const recipe = windowsGuest('windows-11-24h2');
