/**
 * What the recorder costs: the same load of echoed connections through the sample with a trace, through the same
 * driver with no trace (its calls still go through the recorder), and through a copy whose imports are not redirected.
 * The three take turns on one guest, so that what else the host does falls on all of them.
 */
import { copyFile, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { Clients } from '../lab/client/client-driver.ts';
import { prepare } from '../lab/commands/guests.ts';
import { needsSupplement, prepareDriver } from '../lab/deploy/deploy-driver.ts';
import { driverFile } from '../lab/run/build-drivers.ts';
import type { GuestSession } from '../lab/run/guest-session.ts';
import type { Preparation } from '../lab/run/prepare-guest.ts';
import { Recording } from '../lab/run/recording.ts';
import type { Bench } from './bench.ts';
import { figure, incomplete, median, type Figure } from './figure.ts';
import { coldBoot, ECHO_PORT } from './guest.ts';

const PLAIN_PORT = 8;
const ROUNDS = 7;
const LOAD = { connections: 64, atOnce: 16, bytes: 512, withinMs: 60_000 };

interface Round {
  /** Milliseconds per connection. */
  traced: number;
  untraced: number;
  plain: number;
  /** Per connection. */
  records: number;
}

export async function* measureRecorder(bench: Bench): AsyncGenerator<Figure> {
  const { progress, config, folder } = bench;
  const preparation = await prepare(config.guest, bench);
  using work = progress.begin('the recorder');
  work.detail('booting');
  const { session: booted } = await coldBoot(bench, preparation);
  await using session = booted;
  await startDrivers(session, preparation);
  const { guest } = session;
  await using clients = await Clients.start({ command: (argv) => guest.network.command(argv) });
  const rounds: Round[] = [];
  // The first round warms up and does not count.
  for (let round = 0; round <= ROUNDS; round++) {
    work.detail(`round ${round} of ${ROUNDS}`);
    const trace = join(folder.path, `trace-${round}`);
    const plain = await load(clients, session, { as: `plain-${round}`, port: PLAIN_PORT });
    const untraced = await load(clients, session, { as: `untraced-${round}`, port: ECHO_PORT });
    const recording = await Recording.start(guest.agent, trace, {
      ...{ ringBytes: config.recorder.ringMiB * 2 ** 20, seed: 1, perturb: [] },
    });
    const traced = await load(clients, session, { as: `traced-${round}`, port: ECHO_PORT });
    const { records, discarded } = await recording.stop();
    if (discarded > 0) throw incomplete(`the recorder's cost: ${discarded} records were lost`);
    if (round > 0) rounds.push({ traced, untraced, plain, records: records / LOAD.connections });
  }
  yield* figures(rounds);
}

function* figures(rounds: readonly Round[]): Generator<Figure> {
  const of = (value: (round: Round) => number) => median(rounds.map(value));
  const plain = { name: 'not redirected', value: of((it) => it.plain) };
  const records = of((it) => it.records);
  const costUs = of((it) => ((it.traced - it.plain) * 1000) / it.records);
  yield figure(
    'recorder, a connection with a trace',
    of((it) => it.traced),
    'ms',
    plain,
  );
  yield figure(
    'recorder, a connection without a trace',
    of((it) => it.untraced),
    'ms',
    plain,
  );
  yield figure('recorder, records of a connection', records, 'records');
  yield figure('recorder, a record made, drained and written', costUs, 'us', {
    name: "the connection's own work, per record",
    value: (plain.value * 1000) / records,
  });
}

/** The sample, recorded; and a copy under another name, put in as the lab's own drivers are: not redirected. */
async function startDrivers(session: GuestSession, { signingKey }: Preparation): Promise<void> {
  const { guest, folder } = session;
  const plainFile = join(folder, 'echo-plain.sys');
  await mkdir(folder, { recursive: true });
  await copyFile(driverFile('echo'), plainFile);
  const plain = await prepareDriver({
    ...{ file: plainFile, folder: join(folder, 'plain'), signingKey },
    ...(needsSupplement(guest) && { supplement: driverFile('ntsup') }),
  });
  const recorded = await session.prepare('echo', join(folder, 'recorded'));
  for (const [driver, port] of [
    [recorded, ECHO_PORT],
    [plain, PLAIN_PORT],
  ] as const) {
    const deployed = await session.install(driver, { Port: port });
    await deployed.start();
  }
}

/** Milliseconds per connection: opened, bytes echoed, closed by both. */
async function load(
  clients: Clients,
  { guest }: GuestSession,
  { as, port }: { as: string; port: number },
): Promise<number> {
  const { connections, atOnce, bytes, withinMs } = LOAD;
  const endpoint = await guest.network.endpoint({ port, family: 'ipv4' });
  const began = performance.now();
  const outcomes = [
    ...(await clients.connect({ as, ...endpoint, count: connections, atOnce, withinMs })),
    ...(await clients.echo([as], bytes, withinMs)),
    ...(await clients.halfClose([as], withinMs)),
    ...(await clients.waitForClosed([as], withinMs)),
  ];
  const ms = performance.now() - began;
  await clients.closeAll();
  const bad = outcomes.find(({ outcome }) => !['connected', 'received', 'done', 'eof'].includes(outcome));
  if (bad) throw incomplete(`the recorder's cost: client ${bad.client}: ${bad.outcome} ${bad.detail ?? ''}`);
  return ms / connections;
}
