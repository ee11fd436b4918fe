/**
 * Scenarios: what is done to a driver, as data. One YAML file each; `docs/add-a-scenario.md` explains them.
 *
 * The lab does these by itself: before the first step the driver is deployed and its service created, the
 * trace, the capture and the clients' worker run; after the last step every client that is still there is
 * closed, the service stopped and deleted, and the trace ended.
 */
import { readdirSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import { z } from 'zod';
import { didYouMean } from '../config/nearest.ts';
import { readYaml } from '../config/yaml-file.ts';
import { verifierFlagNames } from '../deploy/verifier.ts';
import { CAPABILITIES } from '../guest/capabilities.ts';
import { PERTURBATIONS, type PerturbationName } from '../trace/schema.ts';
import { flatSteps, type Step, stepSchema } from './scenario-steps.ts';

/** What a scenario may need of guest and network; a run that lacks it refuses the scenario and says so. */
export const REQUIREMENTS = {
  ipv6: 'the guest has IPv6',
  'many-clients': 'the network takes many connections at once (a tap device, not QEMU user networking)',
  'own-addresses': 'clients may take further addresses in the network (a tap device)',
  'accept-event': 'the WSK provider implements event callbacks',
  ...CAPABILITIES,
} as const;
export type Requirement = keyof typeof REQUIREMENTS;

const keysOf = <Key extends string>(map: Record<Key, unknown>) => Object.keys(map) as [Key, ...Key[]];

/**
 * Occurrences of the thing that is perturbed are counted from 1. It happens at `first` and then at each
 * `every`-th one after it (0: only at `first`), each time with `probability`, from the seed.
 */
const perturbationSchema = z.strictObject({
  do: z.enum(keysOf(PERTURBATIONS)),
  /** Meaning depends on the kind. */
  argument: z.int().min(0).max(0xffffffff).default(0),
  first: z.int().min(1).default(1),
  every: z.int().min(0).default(1),
  probability: z.number().gt(0).max(1).default(1),
});
export type Perturbation = z.output<typeof perturbationSchema> & { do: PerturbationName };

const parameter = z.union([z.int().min(0).max(0xffffffff), z.string().max(1024)]);

function scenarioSchema(clauseIds: ReadonlySet<string> | undefined) {
  const clause = z.string().superRefine((id, context) => {
    if (clauseIds === undefined || clauseIds.has(id)) return;
    context.addIssue({ code: 'custom', message: `no clause '${id}'${didYouMean(id, clauseIds)}` });
  });
  return z
    .strictObject({
      /** One sentence that says what happens. */
      name: z.string().min(10).max(160),
      requires: z.array(z.enum(keysOf(REQUIREMENTS))).default([]),
      driver: z
        .strictObject({
          /** One of the project's drivers, or the path of a .sys file; --driver wins over it. */
          name: z.string().default('echo'),
          /** Values of the service's Parameters key: numbers as REG_DWORD, texts as REG_SZ. */
          parameters: z.record(z.string().regex(/^[A-Za-z][A-Za-z0-9]*$/), parameter).default({}),
        })
        .prefault({}),
      /** Where the driver listens, for every `connect` that names no port. */
      port: z.int().min(1).max(65_535).default(7),
      /** Driver Verifier for this scenario's driver; default: --verifier or lab.config.yaml. */
      verifier: z.union([z.enum(['off', 'standard']), z.array(z.enum(verifierFlagNames)).min(1)]).optional(),
      /** Default: lab.config.yaml. */
      ringMiB: z.number().gt(0).max(256).optional(),
      timeoutMs: z.int().min(1000).max(3_600_000).optional(),
      perturb: z.array(perturbationSchema).max(16).default([]),
      /** One run of the scenario for each. */
      seeds: z.array(z.int().min(0)).min(1).default([1]),
      steps: z.array(stepSchema).min(1),
      /** Clauses that this scenario surely puts to the test: one that is not exercised makes the run red. */
      exercises: z.array(clause).default([]),
      /** For drivers with a known mistake: the run is green if exactly this comes out. */
      expect: z
        .strictObject({
          violated: z.array(clause).default([]),
          /** The ring is too small for this run: what was lost must be counted, and no clause be taken for held. */
          lost: z.boolean().optional(),
          /** Code of the LabError that must end the run: LAB_DRIVER_CRASH. */
          fault: z
            .string()
            .regex(/^LAB_[A-Z_]+$/)
            .optional(),
        })
        .prefault({}),
    })
    .superRefine(({ steps }, context) => checkNames(steps, context));
}

/** A scenario as its file says it, defaults filled in; `id` is the file's path below its folder, without `.yaml`. */
export type Scenario = z.output<ReturnType<typeof scenarioSchema>> & { id: string; path: string };

export interface ReadOptions {
  /** The folder that ids count from; default: the file's own. */
  folder?: string;
  /** The catalogue's ids; without them, ids of clauses are not checked. */
  clauseIds?: ReadonlySet<string>;
}

/** @throws LabError LAB_YAML_UNREADABLE, LAB_YAML_INVALID */
export function readScenario(
  path: string,
  { folder = join(path, '..'), clauseIds }: ReadOptions = {},
): Scenario {
  return { ...readYaml(path, scenarioSchema(clauseIds)), id: idOf(path, folder), path };
}

export type ScenarioFile = Pick<Scenario, 'id' | 'path'>;

/** The scenarios of a folder and of the folders in it, unread, in the order of their ids. */
export function scenarioFiles(folder: string): ScenarioFile[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.ya?ml$/.test(name))
    .sort()
    .map((name) => join(folder, name))
    .map((path) => ({ id: idOf(path, folder), path }));
}

const idOf = (path: string, folder: string): string =>
  relative(folder, path)
    .replace(/\.ya?ml$/, '')
    .replaceAll(sep, '/');

/** Steps speak only of clients that an earlier or a parallel `connect` makes, and each name is made once. */
function checkNames(steps: readonly Step[], context: z.RefinementCtx): void {
  const made = new Set<string>();
  for (const step of flatSteps(steps)) {
    if (step.do !== 'connect') continue;
    if (made.has(step.as)) addIssue(context, `two steps connect clients named '${step.as}'`);
    made.add(step.as);
  }
  const withAddress = new Set(
    flatSteps(steps).flatMap((step) => (step.do === 'connect' && step.ownAddress ? [step.as] : [])),
  );
  for (const step of flatSteps(steps)) {
    if (step.do === 'vanish' && !step.on.every((name) => withAddress.has(name))) {
      addIssue(context, `vanish: connect ${step.on.join(', ')} with ownAddress: true, which it takes away`);
    }
    if (!('on' in step)) continue;
    for (const name of [step.on].flat()) {
      if (!made.has(name))
        addIssue(context, `no step connects clients named '${name}'${didYouMean(name, made)}`);
    }
  }
}

const addIssue = (context: z.RefinementCtx, message: string): void =>
  context.addIssue({ code: 'custom', path: ['steps'], message });
