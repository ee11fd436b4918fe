/** Drivers, image, template and guests, each with its progress shown: what every command that needs a guest begins with. */
import type { LabConfig } from '../config/lab-config.ts';
import type { MediumOptions } from '../image/image-recipe.ts';
import type { GuestFacts, RunResult } from '../report/run-result.ts';
import type { GuestSession } from '../run/guest-session.ts';
import { openGuests, type GuestSource, type GuestSourceOptions } from '../run/guest-source.ts';
import { prepareGuest, type Preparation } from '../run/prepare-guest.ts';
import type { RunFolder } from '../run/run-folder.ts';
import type { Progress, Work } from './progress.ts';

export interface Shown {
  progress: Progress;
  signal: AbortSignal;
  /** What each phase took is added to it. */
  timingsMs?: RunResult['timingsMs'];
}

/** Builds the drivers and the image where they are not there yet. */
export async function prepare(
  guest: string,
  { progress, signal, timingsMs = {}, medium }: Shown & { medium?: MediumOptions },
): Promise<Preparation> {
  let current: Work | undefined;
  return await prepareGuest(guest, {
    signal,
    ...(medium && { medium }),
    onWarning: (text) => progress.warn(text),
    onPhase: (phase, ms) => {
      const isDrivers = phase === 'drivers';
      if (ms !== undefined) {
        timingsMs[phase] = Math.round(ms);
        current?.end(isDrivers ? 'drivers built' : `image '${guest}' ready`);
      } else current = progress.begin(isDrivers ? 'building the drivers' : `image '${guest}'`);
    },
    onImage: ({ part, stage, step, steps, detail }) =>
      current?.detail(`${part}: ${stage} (${step}/${steps})${detail === undefined ? '' : `, ${detail}`}`),
  });
}

export interface GuestsOptions
  extends Shown, Pick<GuestSourceOptions, 'preparation' | 'jobs' | 'expected' | 'cold' | 'verifier'> {
  config: LabConfig;
  folder: RunFolder;
}

/** Makes the template where it is not there yet. */
export async function openShownGuests(options: GuestsOptions): Promise<GuestSource> {
  const { progress, signal, timingsMs = {}, preparation, config, folder, jobs, expected, cold } = options;
  const began = performance.now();
  using work = progress.begin(`template of guest '${preparation.guest.name}'`);
  const guests = await openGuests({
    ...{ preparation, config, folder, jobs, expected, cold, signal, verifier: options.verifier },
    onTemplate: (stage) => work.detail(stage),
    onWarning: (text) => progress.warn(text),
  });
  if (!cold) {
    timingsMs['template'] = Math.round(performance.now() - began);
    work.end(`template of guest '${preparation.guest.name}' ready`);
  }
  return guests;
}

export function guestFacts({ guest, origin, readyMs }: GuestSession, { image }: Preparation): GuestFacts {
  return {
    name: guest.name,
    image: image.digest.slice(0, 16),
    accelerator: guest.accelerator.accelerator,
    network: guest.network.kind,
    ...(guest.network.kind === 'user' && { networkReason: guest.network.reason }),
    origin,
    readyMs: Math.round(readyMs),
    capabilities: [...guest.findings],
  };
}
