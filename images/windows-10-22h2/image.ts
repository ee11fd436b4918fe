import { windowsGuest } from '../windows/windows-guest.ts';

export const recipe = windowsGuest('windows-10-22h2');
