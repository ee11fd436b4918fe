/**
 * The result of a run as pure data: what `run.json` holds and every report is made from. A run is one call of
 * `run` or `check`; it holds one entry per scenario, guest and seed.
 */
import { z } from 'zod';

/** Version of this form; a newer one is refused by its number. */
export const RUN_FORMAT = 1;

/** An error as JSON keeps it: see LabError. */
export const faultSchema = z.strictObject({
  code: z.string(),
  blame: z.enum(['host', 'guest', 'driver', 'scenario', 'usage', 'lab']),
  message: z.string(),
  next: z.string().optional(),
  evidence: z.array(z.string()).default([]),
});

/** One line of a time line: what the driver's side, the wire or a client shows at a moment. */
export const timelineEntrySchema = z.strictObject({
  /** Nanoseconds since trace_start. */
  timeNs: z.number(),
  source: z.enum(['call', 'callback', 'kernel', 'recorder', 'wire', 'client']),
  text: z.string(),
  /** The evidence that the verdict rests on. */
  isDecisive: z.boolean().default(false),
});

const violationSchema = z.strictObject({
  sentence: z.string(),
  timeline: z.array(timelineEntrySchema).default([]),
});

export const clauseVerdictSchema = z.strictObject({
  clause: z.string(),
  outcome: z.enum(['held', 'violated', 'not exercised', 'inconclusive']),
  tested: z.int(),
  broken: z.int(),
  reason: z.string().optional(),
  violations: z.array(violationSchema).default([]),
});

/** What the catalogue says of a clause, as far as a report shows it. */
export const clauseFactsSchema = z.strictObject({
  id: z.string(),
  party: z.enum(['driver', 'subsystem', 'permission']),
  strength: z.enum(['must', 'should', 'may']),
  class: z.enum(['documented', 'derived', 'silent', 'header']),
  text: z.string(),
  page: z.string().optional(),
  /**
   * `rule`: decided by one; `another`: the same facts are judged under the ids of `decidedAs`; `none`: not
   * observable, `why` says the reason; `missing`: has no rule yet.
   */
  decided: z.enum(['rule', 'another', 'none', 'missing']),
  decidedAs: z.array(z.string()).optional(),
  why: z.string().optional(),
});

/** What is known of a guest that crashed or hung, and what was taken of it. */
export const crashSchema = z.strictObject({
  what: z.string(),
  /** '0xD1 (0x..., ...)', as debuggers write it, and what it means. */
  bugcheck: z.string().optional(),
  words: z.array(z.string()).optional(),
  artefacts: z.array(z.strictObject({ what: z.string(), path: z.string(), bytes: z.number() })),
  notes: z.array(z.string()),
});

export const scenarioRunSchema = z.strictObject({
  /** The scenario's id, its sentence, and the seed of this run of it. */
  scenario: z.string(),
  name: z.string(),
  driver: z.string(),
  seed: z.int(),
  /** Where trace, capture and logs of this run are. */
  folder: z.string(),
  /** The machine that it ran on: its folder in the run folder, with console log and QEMU's words. */
  machine: z.string().optional(),
  /** The command that does the same again. */
  command: z.string(),
  /** How long it waited for other labs' scenarios before its own began. */
  waitedMs: z.number().optional(),
  /** Milliseconds of each phase, in order: guest, deploy, steps, stop, end, check. */
  timingsMs: z.record(z.string(), z.number()).default({}),
  records: z.int().default(0),
  lostRecords: z.int().default(0),
  verdicts: z.array(clauseVerdictSchema).default([]),
  /** Clauses that the scenario set out to exercise. */
  exercises: z.array(z.string()).default([]),
  /** What a scenario with a known mistake expects; without one: nothing. */
  expected: z
    .strictObject({
      violated: z.array(z.string()).default([]),
      lost: z.boolean().optional(),
      fault: z.string().optional(),
    })
    .prefault({}),
  /** What clients or the service did not do as the steps say. */
  failures: z.array(z.strictObject({ step: z.string(), text: z.string() })).default([]),
  /** What ended the run before its end. */
  fault: faultSchema.optional(),
  crash: crashSchema.optional(),
  /** Why this guest or network cannot run it honestly; it was not run then. */
  refused: z.string().optional(),
});

export const guestFactsSchema = z.strictObject({
  name: z.string(),
  image: z.string().optional(),
  accelerator: z.string().optional(),
  network: z.string().optional(),
  /** Why it is this network, when it is not the best one. */
  networkReason: z.string().optional(),
  /** Where each scenario's guest came from, and what the first took until it answered. */
  origin: z.enum(['clone', 'boot']).optional(),
  readyMs: z.number().optional(),
  /** What the first scenario's guest can do, and what told so. */
  capabilities: z.array(z.strictObject({ name: z.string(), has: z.boolean(), why: z.string() })).optional(),
});

export const runResultSchema = z.strictObject({
  format: z.literal(RUN_FORMAT),
  /** UTC, ISO 8601. */
  startedAt: z.string(),
  durationMs: z.number(),
  folder: z.string(),
  guest: guestFactsSchema.optional(),
  /** Milliseconds of each phase outside scenarios: drivers, image, template. */
  timingsMs: z.record(z.string(), z.number()).default({}),
  clauses: z.array(clauseFactsSchema).default([]),
  runs: z.array(scenarioRunSchema).default([]),
  /** How many entries `runs` has when all have ended; with fewer a run is not green. */
  planned: z.int().optional(),
  /** What kept the lab from running scenarios at all. */
  fault: faultSchema.optional(),
});

export type Crash = z.output<typeof crashSchema>;
export type Fault = z.output<typeof faultSchema>;
export type TimelineEntry = z.output<typeof timelineEntrySchema>;
export type ClauseVerdict = z.output<typeof clauseVerdictSchema>;
export type ClauseFacts = z.output<typeof clauseFactsSchema>;
export type ScenarioRun = z.output<typeof scenarioRunSchema>;
export type GuestFacts = z.output<typeof guestFactsSchema>;
export type RunResult = z.output<typeof runResultSchema>;
