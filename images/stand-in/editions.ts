/** What the stand-in's medium says that it installs: one edition that it can, and two that Setup has to refuse. */
import type { WimImage } from '../../lab/image/wim.ts';

export const EDITIONS: readonly WimImage[] = [
  {
    ...{ index: 1, name: 'Stand-in for Windows Server (no Windows)', editionId: 'StandInServerEval' },
    ...{ architecture: 'x64', build: 20348, languages: ['en-US'], createdAt: undefined },
  },
  {
    ...{ index: 2, name: 'Stand-in for another architecture', editionId: 'StandInX86Eval' },
    ...{ architecture: 'x86', build: 20348, languages: ['en-US'], createdAt: undefined },
  },
  {
    ...{ index: 3, name: 'Stand-in in another language', editionId: 'StandInGermanEval' },
    ...{ architecture: 'x64', build: 20348, languages: ['de-DE'], createdAt: undefined },
  },
];

/** For Setup on the medium, a line each: INDEX ARCHITECTURE LANGUAGE ID BUILD NAME. */
export const editionLines = (): string =>
  EDITIONS.map(({ index, architecture, languages, editionId, build, name }) =>
    [index, architecture, languages[0], editionId, build, name].join(' '),
  ).join('\n') + '\n';
