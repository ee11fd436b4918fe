import { windowsGuest } from '../windows/windows-guest.ts';

export const recipe = windowsGuest('windows-server-2022');
