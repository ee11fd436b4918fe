/** Cold boots, and how many connections per second are driven at a guest. */
import { join } from 'node:path';
import { prepare } from '../lab/commands/guests.ts';
import type { GuestSession } from '../lab/run/guest-session.ts';
import { openGuests } from '../lab/run/guest-source.ts';
import type { Preparation } from '../lab/run/prepare-guest.ts';
import type { Bench } from './bench.ts';
import { connectionRates } from './connections.ts';
import { figure, median, type Figure } from './figure.ts';

export const ECHO_PORT = 7;
/** The median of so many cold boots. */
const BOOTS = 3;

export async function* measureGuest(bench: Bench): AsyncGenerator<Figure> {
  const preparation = await prepare(bench.config.guest, bench);
  const boots = [];
  for (let boot = 1; boot < BOOTS; boot++) {
    await using started = await startEcho(bench, preparation, boot);
    boots.push(started);
  }
  await using last = await startEcho(bench, preparation, BOOTS);
  boots.push(last);
  const sshMs = median(boots.map(({ sshMs }) => sshMs));
  const toSsh = { name: 'to ssh and agent', value: sshMs };
  yield figure('guest, cold boot to ssh and agent', sshMs, 'ms');
  yield figure('guest, cold boot to recorder', median(boots.map((it) => it.session.readyMs)), 'ms', toSsh);
  yield figure('guest, cold boot to driver started', median(boots.map((it) => it.startedMs)), 'ms', toSsh);
  yield* connectionRates(bench, last.session, ECHO_PORT);
}

interface StartedEcho extends AsyncDisposable {
  session: GuestSession;
  /** From nothing to ssh and agent. */
  sshMs: number;
  /** From nothing to a driver under test that runs. */
  startedMs: number;
}

async function startEcho(bench: Bench, preparation: Preparation, ordinal: number): Promise<StartedEcho> {
  using _ = bench.progress.begin(`cold boot ${ordinal} of ${BOOTS}`);
  const began = performance.now();
  const { session, sshMs } = await coldBoot(bench, preparation);
  try {
    const driver = await session.install(await session.prepare('echo', join(session.folder, 'echo')), {
      Port: ECHO_PORT,
    });
    await driver.start();
  } catch (error) {
    await session[Symbol.asyncDispose]();
    throw error;
  }
  const startedMs = performance.now() - began;
  return { session, sshMs, startedMs, [Symbol.asyncDispose]: () => session[Symbol.asyncDispose]() };
}

export async function coldBoot(
  { config, folder, progress, signal }: Bench,
  preparation: Preparation,
): Promise<{ session: GuestSession; sshMs: number }> {
  const began = performance.now();
  let sshMs = NaN;
  const guests = await openGuests({
    ...{ preparation, config, folder, jobs: 1, expected: 1, cold: true, signal },
    onBoot: (phase) => {
      if (phase === 'recorder') sshMs = performance.now() - began;
    },
    onWarning: (text) => progress.warn(text),
  });
  return { session: await guests.take(), sshMs };
}
