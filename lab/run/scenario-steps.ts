/**
 * The steps of a scenario. A step is a bare word (`- start`) or one key with its settings
 * (`- connect: { as: a, count: 8 }`). Steps run one after the other and each waits for its end. The only one that
 * waits for nothing but time is for what counts as late by then.
 */
import { z } from 'zod';
import { expectationSchema } from './scenario-expectation.ts';

const name = z.string().regex(/^[a-z][a-z0-9-]*$/);
const names = z.union([name.transform((it) => [it]), z.array(name).min(1)]);
const bytes = z
  .int()
  .min(1)
  .max(2 ** 28);
/** Overrides how long this step may take. */
const withinMs = z.int().min(1).max(600_000).optional();

/** The service control manager starts, stops or deletes the driver's service. */
const service = <Word extends string>(word: Word) =>
  z
    .strictObject({
      expect: z.enum(['ok', 'fails']).default('ok'),
      /** The Windows error code that must come with `fails`. */
      error: z.int().min(1).optional(),
      withinMs,
    })
    .transform((it) => ({ do: word, ...it }));

/** Words for the running driver, understood by its control program: `disable irp`. */
const control = z
  .union([
    z.string().transform((command) => ({ command })),
    z.strictObject({
      command: z.string(),
      /** A text that its answer must hold. */ expect: z.string().optional(),
      withinMs,
    }),
  ])
  .transform((it) => ({ do: 'control' as const, ...it }));

const connect = z
  .strictObject({
    as: name,
    count: z.int().min(1).max(4096).default(1),
    /** How many attempts may be on their way together; default all. */
    atOnce: z.int().min(1).max(4096).optional(),
    /** Time between the begins of two attempts. */
    staggerMs: z.int().min(0).max(10_000).default(0),
    family: z.union([z.literal(4), z.literal(6)]).default(4),
    /** Default: the scenario's port. */
    port: z.int().min(1).max(65_535).optional(),
    /** Each client gets an address of its own in the network, which `vanish` can take away. */
    ownAddress: z.boolean().default(false),
    /** Reads nothing, so that what the driver sends stays in the kernels' buffers. */
    deaf: z.boolean().default(false),
    expect: expectationSchema.default('connected'),
    withinMs,
  })
  .transform((it) => ({ do: 'connect' as const, ...it }));

/** Sends the next bytes of the client's pattern. */
const send = z
  .strictObject({ on: names, bytes, expect: expectationSchema.default('sent'), withinMs })
  .transform((it) => ({ do: 'send' as const, ...it }));

/** Waits for bytes and compares them with what was sent; without `bytes`, for all that was sent so far. */
const receive = z
  .strictObject({
    on: names,
    bytes: bytes.optional(),
    expect: expectationSchema.default('received'),
    withinMs,
  })
  .transform((it) => ({ do: 'receive' as const, ...it }));

/** Sends bytes and receives the same bytes again. */
const echo = z
  .strictObject({ on: names, bytes, expect: expectationSchema.default('echoed'), withinMs })
  .transform((it) => ({ do: 'echo' as const, ...it }));

/** What ends a connection or half of it; the clients' names alone are enough: `close: a`. */
const act = <Word extends string>(word: Word) =>
  z
    .union([names.transform((on) => ({ on })), z.strictObject({ on: names, withinMs })])
    .transform((it) => ({ do: word, ...it }));

const waitForClosed = z
  .strictObject({ on: names, expect: expectationSchema.default('closed'), withinMs })
  .transform((it) => ({ do: 'wait-for-closed' as const, ...it }));

/** Waits until so many clients of a group are connected while its `connect` runs beside this step. */
const waitForConnected = z
  .strictObject({ on: name, count: z.int().min(1), withinMs })
  .transform((it) => ({ do: 'wait-for-connected' as const, ...it }));

/** Lets so much of the guest's own time pass, in ms: what a lab bound counts. */
const letPass = z
  .int()
  .min(1)
  .max(600_000)
  .transform((ms) => ({ do: 'let-pass' as const, ms }));

const simpleKeys = {
  start: service('start').optional(),
  stop: service('stop').optional(),
  delete: service('delete').optional(),
  control: control.optional(),
  connect: connect.optional(),
  send: send.optional(),
  receive: receive.optional(),
  echo: echo.optional(),
  /** FIN: the client sends no more, and still receives. */
  'half-close': act('half-close').optional(),
  /** close(2): FIN, and RST if anything arrives afterwards. */
  close: act('close').optional(),
  /** RST. */
  reset: act('reset').optional(),
  /** The client disappears from the network without FIN or RST, as by a power cut. */
  vanish: act('vanish').optional(),
  'wait-for-closed': waitForClosed.optional(),
  'wait-for-connected': waitForConnected.optional(),
  'let-pass': letPass.optional(),
};

type SimpleKey = keyof typeof simpleKeys;
export type SimpleStep = { [Key in SimpleKey]: NonNullable<z.output<(typeof simpleKeys)[Key]>> }[SimpleKey];
/** Runs lists of steps side by side and waits for all of them. */
export interface TogetherStep {
  do: 'together';
  branches: Step[][];
}
export type Step = SimpleStep | TogetherStep;
export type StepOf<Word extends Step['do']> = Extract<Step, { do: Word }>;

const together: z.ZodType<TogetherStep> = z.lazy(() =>
  z
    .array(z.array(stepSchema).min(1))
    .min(2)
    .transform((branches) => ({ do: 'together' as const, branches })),
);

/** One step as it is written; the result says in `do` which. */
export const stepSchema: z.ZodType<Step> = z.union([
  z.enum(['start', 'stop', 'delete']).transform((word): Step => ({ do: word, expect: 'ok' })),
  z.strictObject({ ...simpleKeys, together: together.optional() }).transform((it, context) => {
    const [step, ...more] = Object.values(it).filter((value) => value !== undefined);
    if (step && more.length === 0) return step;
    const keys = Object.keys(it).join(', ') || 'none';
    context.addIssue({ code: 'custom', message: `a step has exactly one key, found ${keys}` });
    return z.NEVER;
  }),
]);

/** A step in a few words, for progress and for failures: `connect load (64)`. */
export function stepLabel(step: Step): string {
  switch (step.do) {
    case 'start':
    case 'stop':
    case 'delete':
      return `${step.do} the service`;
    case 'control':
      return `control '${step.command}'`;
    case 'connect':
      return `connect ${step.as}${step.count > 1 ? ` (${step.count})` : ''}`;
    case 'together':
      return step.branches.map((branch) => branch.map(stepLabel).join(', then ')).join(' | ');
    case 'wait-for-connected':
      return `wait for ${step.count} of ${step.on} connected`;
    case 'let-pass':
      return `let ${step.ms} ms pass`;
    default:
      return `${step.do} ${step.on.join(', ')}`;
  }
}

/** The step and, for `together`, all that are in it. */
export function flatSteps(steps: readonly Step[]): SimpleStep[] {
  return steps.flatMap((it) => (it.do === 'together' ? flatSteps(it.branches.flat()) : [it]));
}
