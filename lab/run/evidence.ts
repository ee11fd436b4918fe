/** The evidence of one scenario as its folder holds it, in order of time: for a run, and for a later check. */
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import type { Stall } from '../check/awake-time.ts';
import type { ClientAddress, ClientOperation } from '../client/operation.ts';
import type {
  ClientOperation as JudgedOperation,
  Endpoint,
  Evidence,
  Packet,
  Source,
} from '../check/evidence.ts';
import { LabError } from '../errors.ts';
import type { Silence } from '../guest/agent-channel.ts';
import type { ProcessorWait } from '../machine/processor-waits.ts';
import { CtfReader } from '../trace/ctf-reader.ts';
import type { RecordingEnd } from './recording.ts';
import type { ScenarioFolder } from './run-folder.ts';
import type { TraceClock } from './trace-clock.ts';
import { readWire } from './wire-evidence.ts';

/** clients.json: the operations with times in ns since trace_start, and how far off those may be. */
export interface ClientLog {
  format: 1;
  clockErrorNs: number;
  operations: ClientOperation[];
  /** When the guest did not answer, or had no processor. */
  stalls: Stall[];
  /** SHA-256 of all the rest: a changed bit must not look like something that a client saw. */
  digest: string;
  /** How the trace ended; `check` of a folder without it goes by the trace alone. */
  trace?: Pick<RecordingEnd, 'reason' | 'discarded'>;
}

export interface ClientLogContext {
  /** Where the operations' times begin, on the host's monotonic clock. */
  originNs: bigint;
  clock: Pick<TraceClock, 'startNs' | 'errorNs'>;
  end: RecordingEnd | undefined;
  stalls: readonly (Silence | ProcessorWait)[];
}

/** Keeps the clients' operations, moved from their own clock onto the trace's. */
export async function saveClients(
  file: string,
  operations: readonly ClientOperation[],
  { originNs, clock, end, stalls }: ClientLogContext,
): Promise<void> {
  const shift = Number(originNs - clock.startNs);
  const log: Omit<ClientLog, 'digest'> = {
    format: 1,
    clockErrorNs: clock.errorNs,
    operations: operations.map((it) => ({ ...it, beganNs: it.beganNs + shift, endedNs: it.endedNs + shift })),
    stalls: stalls.map(({ fromNs, toNs }) => ({
      from: Number(fromNs - clock.startNs),
      to: Number(toNs - clock.startNs),
    })),
    ...(end && { trace: { reason: end.reason, discarded: end.discarded } }),
  };
  await writeFile(file, `${JSON.stringify({ ...log, digest: digestOf(log) }, null, 1)}\n`);
}

async function readClients(file: string): Promise<ClientLog> {
  const text = await readFile(file, 'utf8');
  try {
    const { digest, ...log } = JSON.parse(text) as ClientLog;
    if (digest === digestOf(log)) return { ...log, digest };
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
  }
  throw new LabError({
    code: 'LAB_CLIENTS_LOG',
    blame: 'lab',
    message: `'${file}' is not what the lab wrote: it is cut or was changed`,
    next: 'move it away to judge the trace and the packets without it',
    evidence: [file],
  });
}

const digestOf = (log: Omit<ClientLog, 'digest'>): string =>
  createHash('sha256').update(JSON.stringify(log)).digest('hex');

export class FolderEvidence {
  /** What there is besides the trace. */
  readonly sources: readonly Source[];
  readonly clockErrorNs: number;
  readonly stalls: readonly Stall[];
  readonly #folder: ScenarioFolder;
  /** Why a trace ends that has no end. */
  readonly #endedBy: string;
  readonly #operations: readonly JudgedOperation[];
  readonly #wire: { packets: readonly Packet[]; loss: string | undefined };

  static async open(folder: ScenarioFolder): Promise<FolderEvidence> {
    const log = existsSync(folder.clients) ? await readClients(folder.clients) : undefined;
    const operations = log?.operations ?? [];
    const wire = existsSync(folder.wire) ? await readWire(folder.wire, operations) : undefined;
    return new FolderEvidence(folder, log, wire);
  }

  private constructor(
    folder: ScenarioFolder,
    log: ClientLog | undefined,
    wire: Awaited<ReturnType<typeof readWire>> | undefined,
  ) {
    this.#folder = folder;
    const hasCrashed = log?.trace?.reason === 'guest crashed';
    this.#endedBy = hasCrashed ? 'guest crashed' : 'the trace ends without trace_stop';
    this.sources = [...(wire ? ['wire' as const] : []), ...(log ? ['client' as const] : [])];
    this.stalls = log?.stalls ?? [];
    // Packets are placed by the clients, and these by the trace: both may be off the same way.
    this.clockErrorNs = (log?.clockErrorNs ?? 0) + (wire?.errorNs ?? 0);
    this.#operations = judged(log?.operations ?? []);
    this.#wire = wire ?? { packets: [], loss: undefined };
  }

  /** All of it in order of time; may be read more than once. */
  async *read(): AsyncGenerator<Evidence> {
    const others: Evidence[] = [
      ...this.#wire.packets.map((packet): Evidence => ({ source: 'wire', packet })),
      ...this.#operations.map((operation): Evidence => ({ source: 'client', operation })),
    ].sort((a, b) => timeOf(a) - timeOf(b));
    const reader = await CtfReader.open(this.#folder.trace);
    let next = 0;
    let hasEnd = false;
    for await (const record of reader.records()) {
      hasEnd = record.event === 'trace_stop' || record.event === 'crash';
      for (; next < others.length && timeOf(others[next]!) < record.time; next++) yield others[next]!;
      yield { source: 'trace', record };
    }
    // Before what is left of the others: time that only they tell must not make anything late.
    const { failure } = reader.summary;
    if (failure || !hasEnd) yield { source: 'loss', count: 0, reason: failure?.message ?? this.#endedBy };
    yield* others.slice(next);
    if (this.#wire.loss !== undefined)
      yield { source: 'loss', of: 'wire', count: 0, reason: this.#wire.loss };
  }
}

const timeOf = (piece: Evidence): number =>
  piece.source === 'wire' ? piece.packet.time : piece.source === 'client' ? piece.operation.time : 0;

/** Operations as the checker takes them: in order of their ends, `vanish` left out, which no peer can see. */
function judged(operations: readonly ClientOperation[]): JudgedOperation[] {
  return operations.flatMap((it, position) =>
    it.kind === 'vanish'
      ? []
      : {
          position,
          time: it.endedNs,
          began: it.beganNs,
          connection: it.connection,
          kind: it.kind,
          result: it.result,
          local: endpointOf(it.local),
          remote: endpointOf(it.remote),
          bytes: it.bytes,
        },
  );
}

const AF = { 4: 2, 6: 23 } as const;
function endpointOf(address: ClientAddress | null): Endpoint | null {
  return address && { family: AF[address.family], address: address.address, port: address.port };
}
