/**
 * The checker: one pass over the evidence, every rule at once. Pure: no file, no clock, no machine; the same
 * on a live stream, a stored trace and a bug report's attachment.
 *
 * What is missing is dealt with here and not in rules. Records lost in the middle, a trace that does not begin
 * with trace_start or ends without trace_stop, a crash of the guest: from that place on nothing that a rule
 * concludes from several records is sound. Violations found before it stay; a `local` rule goes on and its
 * violations stay too; every other clause is inconclusive, with the reason. A missing packet capture or a hole
 * in it concerns the rules that need it. Packets and client operations wait for the record after them: only that one
 * tells whether the records before it were all.
 */
import type { EventName, TraceRecord } from '../trace/records.ts';
import { AwakeTime, type Stall } from './awake-time.ts';
import { SIDE } from '../trace/schema.ts';
import { applyRecord } from './apply-record.ts';
import { LAB_BOUNDS, type Bounds } from './bounds.ts';
import type { ClientOperation, Evidence, Loss, Packet, Source } from './evidence.ts';
import type { Rule } from './rule.ts';
import { Runner } from './runner.ts';
import { Timers } from './timers.ts';
import type { Verdict } from './verdict.ts';
import { Wire } from './wire.ts';
import { World } from './world.ts';

export interface CheckOptions {
  rules: readonly Rule[];
  /** The kinds of evidence that were collected, even if there turns out to be none of a kind; 'trace' is implied. */
  sources?: Iterable<Source>;
  bounds?: Partial<Bounds>;
  /** When the guest did not run; such time counts against nobody. */
  stalls?: readonly Stall[];
  /** Violations kept per clause; all are counted. Default 10. */
  maxShown?: number;
}

interface Listener {
  runner: Runner;
  handle: (piece: never) => void;
}
type Listeners = Map<string, Listener[]>;

/** Judges a whole stream. Evidence has to come in order of time, records in the order of their trace. */
export async function check(
  evidence: AsyncIterable<Evidence> | Iterable<Evidence>,
  options: CheckOptions,
): Promise<Verdict[]> {
  const checker = new Checker(options);
  for await (const piece of evidence) checker.take(piece);
  return checker.end();
}

/** The same piece by piece: `record`, `packet`, `operation`, `loss` in order of time, then `end`. */
export class Checker {
  private readonly runners: Runner[];
  private readonly driverWorld = new World();
  private readonly providerWorld = new World();
  private readonly wire: Wire;
  /** In awake time. */
  private readonly timers = new Timers();
  private readonly awake: AwakeTime;
  /** By side of the record, one of SIDE; then by name of the event. */
  private readonly listeners: readonly [Listeners, Listeners, Listeners];
  private records = 0;
  private discarded = 0;
  private lastTime = 0;
  private state: 'running' | 'stopped' | 'crashed' = 'running';
  /** Since the last record. */
  private waiting: (() => void)[] = [];

  constructor(options: CheckOptions) {
    const bounds = { ...LAB_BOUNDS, ...options.bounds };
    this.awake = new AwakeTime(options.stalls);
    const sources = new Set<Source>(['trace', ...(options.sources ?? [])]);
    this.wire = new Wire(2 * bounds.soonNs + bounds.clockErrorNs);
    const shared = {
      wire: this.wire,
      bounds,
      sources,
      timers: this.timers,
      awake: this.awake,
      maxShown: options.maxShown ?? 10,
    };
    this.runners = options.rules.map(
      (rule) =>
        new Runner(rule, {
          ...shared,
          world: rule.party === 'subsystem' ? this.providerWorld : this.driverWorld,
        }),
    );
    const active = this.runners.filter(({ isActive }) => isActive);
    const driver = active.filter(({ rule }) => rule.party !== 'subsystem');
    const provider = active.filter(({ rule }) => rule.party === 'subsystem');
    this.listeners = [listenersOf(active), listenersOf(driver), listenersOf(provider)];
  }

  take(piece: Evidence): void {
    if (piece.source === 'trace') this.record(piece.record);
    else if (piece.source === 'wire') this.packet(piece.packet);
    else if (piece.source === 'client') this.operation(piece.operation);
    else this.loss(piece);
  }

  record(record: TraceRecord): void {
    if (this.state !== 'running') return;
    if (this.records++ === 0 && record.event !== 'trace_start') {
      this.loseTrace('the beginning of the trace is missing');
    }
    if (record.discarded !== this.discarded) this.discard(record);
    this.goOn();
    this.advance(record.time, record.position);
    this.lastTime = record.time;
    const both = record.side === SIDE.both || isForAll(record.event);
    const side: number = both ? SIDE.both : record.side;
    const listeners = this.listeners[side]?.get(record.event);
    if (listeners) tell(listeners, record);
    if (side !== SIDE.provider) applyRecord(this.driverWorld, record);
    if (side !== SIDE.driver) applyRecord(this.providerWorld, record);
    if (record.event === 'trace_stop') this.state = 'stopped';
    else if (record.event === 'crash') this.state = 'crashed';
  }

  packet(packet: Packet): void {
    if (this.state !== 'running') {
      // The guest going down is nobody's doing; only what was under way is still followed.
      this.wire.apply(packet);
      return;
    }
    this.waiting.push(() => {
      this.advance(packet.time, this.driverWorld.position);
      const listeners = this.listeners[SIDE.both].get('packet');
      if (listeners) tell(listeners, packet);
      this.wire.apply(packet);
    });
  }

  operation(operation: ClientOperation): void {
    if (this.state !== 'running') return;
    this.waiting.push(() => {
      this.advance(operation.time, this.driverWorld.position);
      const listeners = this.listeners[SIDE.both].get('operation');
      if (listeners) tell(listeners, operation);
    });
  }

  loss(loss: Loss): void {
    const of = loss.of ?? 'trace';
    const reason = loss.count > 0 ? `${loss.reason} (${loss.count} missing)` : loss.reason;
    for (const runner of this.runners) {
      if (of === 'trace' || runner.rule.needs?.includes(of)) runner.loseSight(reason);
    }
  }

  /** No more evidence. */
  end(): Verdict[] {
    if (this.state === 'stopped') this.settle();
    else this.loseTrace(this.state === 'crashed' ? 'guest crashed' : 'the trace ends without trace_stop');
    this.goOn();
    return this.runners.map((runner) => runner.verdict());
  }

  private goOn(): void {
    for (const piece of this.waiting) piece();
    this.waiting = [];
  }

  private settle(): void {
    this.moveTo(this.lastTime, this.driverWorld.position);
    for (let timer = this.timers.take(); timer; timer = this.timers.take())
      timer.run(timer.due <= this.awake.at(this.lastTime));
    for (const runner of this.runners) runner.finish();
  }

  private discard(record: TraceRecord): void {
    const missing = record.discarded - this.discarded;
    this.discarded = record.discarded;
    this.loseTrace(`${missing} records lost before record ${record.position}`);
  }

  private loseTrace(reason: string): void {
    for (const runner of this.runners) runner.loseSight(reason);
  }

  private advance(time: number, position: number): void {
    const awake = this.awake.at(time);
    while (this.timers.nextDue <= awake) {
      const timer = this.timers.take()!;
      this.moveTo(this.awake.timeOf(timer.due), this.driverWorld.position);
      timer.run(true);
    }
    this.moveTo(time, position);
  }

  private moveTo(time: number, position: number): void {
    this.driverWorld.now = this.providerWorld.now = time;
    this.driverWorld.position = this.providerWorld.position = position;
  }
}

const isForAll = (event: EventName): boolean =>
  event === 'trace_start' || event === 'trace_stop' || event === 'crash' || event === 'perturbation';

function tell(listeners: readonly Listener[], piece: unknown): void {
  for (let index = 0; index < listeners.length; index++) {
    const { runner, handle } = listeners[index]!;
    if (!runner.isActive) continue;
    try {
      handle(piece as never);
    } catch (error) {
      runner.fail(error);
    }
  }
}

function listenersOf(runners: readonly Runner[]): Listeners {
  const listeners: Listeners = new Map();
  for (const runner of runners) {
    for (const [name, handle] of Object.entries(runner.observer.on)) {
      const list = listeners.get(name);
      if (list) list.push({ runner, handle });
      else listeners.set(name, [{ runner, handle }]);
    }
  }
  return listeners;
}
