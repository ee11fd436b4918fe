/**
 * How fast clients get connections through WSK, beside an echo server of the guest's Linux: the two take turns on one
 * guest, so what the host, the network and the emulated processor can do falls on both.
 */
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { LabError } from '../lab/errors.ts';
import { Clients } from '../lab/client/client-driver.ts';
import type { Guest } from '../lab/guest/guest.ts';
import type { GuestSession } from '../lab/run/guest-session.ts';
import type { Bench } from './bench.ts';
import { figure, incomplete, median, quantile, type Figure } from './figure.ts';

const CONNECTIONS = 256;
const ROUNDS = 3;
const WITHIN_MS = 60_000;
const NATIVE_PORT = 9;
const START_MS = 10_000;

interface Rate {
  perSecond: number;
  latenciesMs: number[];
  missing: number;
}

/** The driver under test listens on `port`; its imports are redirected, and no trace runs. */
export async function* connectionRates(
  bench: Bench,
  session: GuestSession,
  port: number,
): AsyncGenerator<Figure> {
  const { guest } = session;
  await startNative(guest, session.folder);
  await using clients = await Clients.start({ command: (argv) => guest.network.command(argv) });
  for (const atOnce of [1, 16, 64]) {
    using _ = bench.progress.begin(`${CONNECTIONS} connections, ${atOnce} at once`);
    const [native, wsk]: Rate[][] = [[], []];
    for (let round = 0; round < ROUNDS; round++) {
      native!.push(await connect(clients, guest, { port: NATIVE_PORT, atOnce }));
      wsk!.push(await connect(clients, guest, { port, atOnce }));
    }
    yield* figures(`guest, ${atOnce} ${atOnce === 1 ? 'client' : 'clients'} at once`, wsk!, native!);
  }
}

function* figures(name: string, wsk: Rate[], native: Rate[]): Generator<Figure> {
  const perSecond = (rates: Rate[]) => median(rates.map((it) => it.perSecond));
  const worst = (rates: Rate[]) =>
    quantile(
      rates.flatMap((it) => it.latenciesMs),
      0.99,
    );
  const beside = (value: number) => ({ name: 'native echo server', value });
  yield figure(name, perSecond(wsk), 'connections/s', beside(perSecond(native)));
  yield figure(`${name}, p99`, worst(wsk), 'ms', beside(worst(native)));
  const missing = wsk.reduce((sum, it) => sum + it.missing, 0);
  yield figure(`${name}, not connected`, missing, `of ${ROUNDS * CONNECTIONS}`);
}

async function startNative(guest: Guest, folder: string): Promise<void> {
  const source = fileURLToPath(new URL('native-echo.c', import.meta.url));
  const program = join(folder, 'native-echo');
  await execa('clang', ['-O2', '-o', program, source]);
  // Wine gives a file of that name the right to be executed, and starts a program of Linux as one.
  await guest.put(program, 'C:\\lab\\native-echo.exe');
  await guest.exec(`C:\\lab\\native-echo.exe ${NATIVE_PORT}`);
  const deadline = performance.now() + START_MS;
  while (!(await listens(guest)))
    if (performance.now() > deadline) throw incomplete(`no native echo server after ${START_MS} ms`);
}

async function listens(guest: Guest): Promise<boolean> {
  try {
    (await guest.dial({ port: NATIVE_PORT, family: 'ipv4' }, START_MS)).destroy();
    return true;
  } catch (error) {
    if (error instanceof LabError && error.code === 'LAB_DIAL_FAILED') return false;
    throw error;
  }
}

/** All stay open until the last is there; then both sides end them, which is not in the time. */
async function connect(
  clients: Clients,
  guest: Guest,
  { port, atOnce }: { port: number; atOnce: number },
): Promise<Rate> {
  const endpoint = await guest.network.endpoint({ port, family: 'ipv4' });
  const before = clients.operations.length;
  const as = `load-${before}`;
  const began = performance.now();
  const outcomes = await clients.connect({
    ...{ as, ...endpoint, count: CONNECTIONS, atOnce, withinMs: WITHIN_MS },
  });
  const seconds = (performance.now() - began) / 1000;
  const done = clients.operations.slice(before).filter(({ kind }) => kind === 'connect');
  await clients.halfClose([as], WITHIN_MS);
  await clients.waitForClosed([as], WITHIN_MS);
  await clients.closeAll();
  const connected = outcomes.filter(({ outcome }) => outcome === 'connected').length;
  return {
    perSecond: connected / seconds,
    latenciesMs: done.map(({ beganNs, endedNs }) => (endedNs - beganNs) / 1e6),
    missing: CONNECTIONS - connected,
  };
}
