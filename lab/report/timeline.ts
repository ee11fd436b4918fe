/**
 * The time line of a violation: what the verdict rests on, and what the same socket's calls and callbacks, its
 * packets and its client did around it, in order of time.
 */
import type { Endpoint, Evidence, EvidencePlace, Packet } from '../check/evidence.ts';
import type { Verdict } from '../check/verdict.ts';
import { hostKey } from '../check/wire.ts';
import type { TraceRecord } from '../trace/records.ts';
import { operationText, packetText } from './evidence-text.ts';
import { recordSource, recordText } from './record-text.ts';
import type { ClauseVerdict, TimelineEntry } from './run-result.ts';

/** Entries of one time line; more than that is for `trace show`. */
const MAX_ENTRIES = 14;
/** Entries that are held before the farthest are dropped, so that memory does not follow the trace. */
const MAX_KEPT = 1000;
/** Violations of one clause that get a time line. */
const MAX_SHOWN = 3;

type ReadEvidence = () => AsyncIterable<Evidence> | Iterable<Evidence>;

/**
 * Gives verdicts their time lines. `evidence` is read twice, and only if something is violated: the second time
 * for what belongs to the sockets that the first time found.
 */
export async function withTimelines(
  verdicts: readonly Verdict[],
  evidence: ReadEvidence,
): Promise<ClauseVerdict[]> {
  const explained = verdicts.flatMap(({ violations }) => violations.slice(0, MAX_SHOWN));
  const subjects = explained.map(({ shown }) => new Subject(shown));
  if (subjects.length > 0) {
    for await (const piece of evidence()) for (const subject of subjects) subject.learn(piece);
    for await (const piece of evidence()) for (const subject of subjects) subject.collect(piece);
  }
  const timelines = new Map(explained.map((violation, index) => [violation, subjects[index]!.timeline()]));
  return verdicts.map((verdict) => ({
    ...verdict,
    violations: verdict.violations.map((violation) => ({
      sentence: violation.sentence,
      timeline: timelines.get(violation) ?? [],
    })),
  }));
}

/** What one violation is about: the pieces shown, their sockets, calls and callbacks, and the peers of the sockets. */
class Subject {
  readonly #shown: ReadonlySet<string>;
  readonly #sockets = new Set<number>();
  readonly #calls = new Set<number>();
  readonly #callbacks = new Set<number>();
  readonly #peers = new Set<string>();
  readonly #peerOf = new Map<number, string>();
  readonly #firstTime: number;
  /** TCP connections of packets that are shown. */
  readonly #flows = new Set<string>();
  #entries: TimelineEntry[] = [];

  constructor(shown: readonly EvidencePlace[]) {
    this.#shown = new Set(shown.map(placeKey));
    this.#firstTime = shown[0]?.time ?? 0;
  }

  learn(piece: Evidence): void {
    if (piece.source === 'loss') return;
    const isShown = this.#isShown(piece);
    if (piece.source === 'trace') this.#learnRecord(piece.record, isShown);
    else if (isShown && piece.source === 'wire') {
      this.#flows.add(flowKey(piece.packet));
    } else if (isShown && piece.source === 'client' && piece.operation.local) {
      this.#peers.add(endpointKey(piece.operation.local));
    }
  }

  #learnRecord(record: TraceRecord, isShown: boolean): void {
    if (record.event === 'accept_event_enter' && record.remote) {
      this.#peerOf.set(record.accept_socket, endpointKey(record.remote));
    }
    if (!isShown) return;
    if ('accept_socket' in record && record.accept_socket !== 0) this.#sockets.add(record.accept_socket);
    else if ('socket' in record && record.socket !== 0) this.#sockets.add(record.socket);
    if ('call' in record && record.call !== 0) this.#calls.add(record.call);
    if ('callback' in record && record.callback !== 0) this.#callbacks.add(record.callback);
  }

  collect(piece: Evidence): void {
    const isDecisive = this.#isShown(piece);
    if (piece.source === 'trace') {
      const { record } = piece;
      if (isDecisive || this.#concerns(record)) {
        this.#add(record.time, recordSource(record), recordText(record), isDecisive);
      }
    } else if (piece.source === 'wire') {
      const { packet } = piece;
      const isConcerned =
        this.#flows.has(flowKey(packet)) || this.#isPeer(packet.source) || this.#isPeer(packet.destination);
      if (isDecisive || isConcerned) {
        this.#add(packet.time, 'wire', packetText(packet), isDecisive);
      }
    } else if (piece.source === 'client') {
      const { operation } = piece;
      if (isDecisive || (operation.local && this.#isPeer(operation.local))) {
        this.#add(operation.time, 'client', operationText(operation), isDecisive);
      }
    }
  }

  /** The entries nearest to the first decisive one, the decisive ones always among them. */
  timeline(): TimelineEntry[] {
    const entries = [...this.#entries].sort((a, b) => a.timeNs - b.timeNs);
    const distance = (entry: TimelineEntry): number =>
      entry.isDecisive ? -1 : Math.abs(entry.timeNs - this.#firstTime);
    const kept = new Set([...entries].sort((a, b) => distance(a) - distance(b)).slice(0, MAX_ENTRIES));
    return entries.filter((entry) => kept.has(entry));
  }

  #isShown(piece: Evidence): boolean {
    if (piece.source === 'loss') return false;
    const { position } =
      piece.source === 'trace' ? piece.record : piece.source === 'wire' ? piece.packet : piece.operation;
    return this.#shown.has(placeKey({ source: piece.source, position }));
  }

  #concerns(record: TraceRecord): boolean {
    if (recordSource(record) === 'kernel') return false;
    return (
      ('accept_socket' in record && this.#sockets.has(record.accept_socket)) ||
      ('socket' in record && this.#sockets.has(record.socket)) ||
      ('call' in record && this.#calls.has(record.call)) ||
      ('callback' in record && this.#callbacks.has(record.callback))
    );
  }

  #isPeer(endpoint: Endpoint): boolean {
    const key = endpointKey(endpoint);
    return this.#peers.has(key) || [...this.#sockets].some((socket) => this.#peerOf.get(socket) === key);
  }

  #add(timeNs: number, source: TimelineEntry['source'], text: string, isDecisive: boolean): void {
    this.#entries.push({ timeNs, source, text, isDecisive });
    if (this.#entries.length > MAX_KEPT) this.#entries = this.timeline();
  }
}

const placeKey = ({ source, position }: Pick<EvidencePlace, 'source' | 'position'>): string =>
  `${source} ${position}`;
const endpointKey = ({ address, port }: Endpoint): string => `${hostKey(address)} ${port}`;
const flowKey = ({ source, destination }: Packet): string =>
  [endpointKey(source), endpointKey(destination)].sort().join(' ');
