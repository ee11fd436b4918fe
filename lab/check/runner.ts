/** One rule at work on one trace: counts, collects, and keeps its failures to itself. */
import { placeOf, type EvidencePiece, type Source } from './evidence.ts';
import type { AwakeTime } from './awake-time.ts';
import type { Bounds } from './bounds.ts';
import type { Judge, Observer, Rule } from './rule.ts';
import type { Timers } from './timers.ts';
import type { Verdict, Violation } from './verdict.ts';
import type { Wire } from './wire.ts';
import type { World } from './world.ts';

export interface Surroundings {
  world: World;
  wire: Wire;
  bounds: Bounds;
  sources: ReadonlySet<Source>;
  timers: Timers;
  awake: AwakeTime;
  maxShown: number;
}

export class Runner implements Judge {
  readonly rule: Rule;
  readonly world: World;
  readonly wire: Wire;
  readonly bounds: Bounds;
  readonly sources: ReadonlySet<Source>;
  readonly observer: Observer;
  /** Why its remaining cases cannot be decided; it sees no more evidence then, unless it is local. */
  private blind: string | undefined;
  private failure: string | undefined;
  private doubt: string | undefined;
  private tested = 0;
  private broken = 0;
  private readonly violations: Violation[] = [];
  private readonly timers: Timers;
  private readonly awake: AwakeTime;
  private readonly maxShown: number;

  constructor(rule: Rule, surroundings: Surroundings) {
    this.rule = rule;
    this.world = surroundings.world;
    this.wire = surroundings.wire;
    this.bounds = surroundings.bounds;
    this.sources = surroundings.sources;
    this.timers = surroundings.timers;
    this.awake = surroundings.awake;
    this.maxShown = surroundings.maxShown;
    const missing = rule.needs?.find((source) => !this.sources.has(source));
    if (missing) this.blind = `no ${missing === 'wire' ? 'packet capture' : 'log of client operations'}`;
    let observer: Observer = { on: {} };
    try {
      observer = rule.begin(this);
    } catch (error) {
      this.fail(error);
    }
    this.observer = observer;
  }

  /** True while it should be handed evidence. */
  get isActive(): boolean {
    return this.failure === undefined && (this.blind === undefined || this.rule.local === true);
  }

  held(): void {
    this.tested++;
  }

  violated(shown: EvidencePiece | readonly EvidencePiece[], sentence: string): void {
    this.tested++;
    this.broken++;
    if (this.violations.length >= this.maxShown) return;
    const pieces = Array.isArray(shown) ? (shown as readonly EvidencePiece[]) : [shown as EvidencePiece];
    this.violations.push({ sentence, shown: pieces.map(placeOf) });
  }

  undecided(reason: string): void {
    this.doubt ??= reason;
  }

  after(delayNs: number, due: (reached: boolean) => void): void {
    this.timers.add(this.awake.at(this.world.now) + delayNs, (reached) => {
      if (!this.isActive || this.blind !== undefined) return;
      try {
        due(reached);
      } catch (error) {
        this.fail(error);
      }
    });
  }

  awakeNs(from: number, to: number): number {
    return this.awake.at(to) - this.awake.at(from);
  }

  /** From here on evidence is missing. What it has found so far stays. */
  loseSight(reason: string): void {
    this.blind ??= reason;
  }

  fail(error: unknown): void {
    this.failure ??= `the rule failed: ${error instanceof Error ? error.message : String(error)}`;
  }

  /** The trace ended properly: let the rule settle what is still owed. */
  finish(): void {
    if (!this.isActive || this.blind !== undefined) return;
    try {
      this.observer.finish?.();
    } catch (error) {
      this.fail(error);
    }
  }

  verdict(): Verdict {
    const { tested, broken, violations } = this;
    const counted = { clause: this.rule.clause, tested, broken, violations };
    if (broken > 0 && this.failure === undefined) return { ...counted, outcome: 'violated' };
    if (this.failure !== undefined) return { ...counted, outcome: 'inconclusive', reason: this.failure };
    // That something permitted happened stays true whatever else is missing.
    if (this.rule.party === 'permission' && tested > 0) return { ...counted, outcome: 'held' };
    const reason = this.blind ?? this.doubt;
    if (reason !== undefined) return { ...counted, outcome: 'inconclusive', reason };
    return { ...counted, outcome: tested > 0 ? 'held' : 'not exercised' };
  }
}
