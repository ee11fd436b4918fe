/**
 * lab.config.yaml: what a checkout sets for itself. Every key is optional; command-line options win over it.
 * The file in the repository lists every key with its default.
 */
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { z } from 'zod';
import { projectRoot } from '../project.ts';
import { readYaml } from './yaml-file.ts';

/** `auto`: what the guest's image asks for. */
const orAuto = <Value extends z.ZodType>(value: Value) => z.union([z.literal('auto'), value]).default('auto');
const timeoutMs = (defaultMs: number) => z.int().min(1000).max(3_600_000).default(defaultMs);

export const labConfigSchema = z.strictObject({
  /** Name of the guest that `run` uses without --guest. */
  guest: z.string().default('reference'),
  machine: z
    .strictObject({
      memoryMiB: orAuto(z.int().min(256).max(65_536)),
      cores: orAuto(z.int().min(1).max(64)),
      /** `auto` boots something small to find out whether KVM works here. */
      accelerator: z.enum(['auto', 'kvm', 'tcg']).default('auto'),
      /** `auto` takes a tap device in a namespace where that is allowed, else QEMU's user-mode network. */
      network: z.enum(['auto', 'tap', 'user']).default('auto'),
    })
    .prefault({}),
  /** How long each kind of wait may take. */
  timeouts: z
    .strictObject({
      bootMs: orAuto(z.int().min(1000).max(3_600_000)),
      stepMs: timeoutMs(30_000),
      scenarioMs: timeoutMs(180_000),
      /** For a guest that has crashed to write its dump, restart and hand it over. */
      dumpMs: timeoutMs(300_000),
    })
    .prefault({}),
  /** Driver Verifier for the drivers under test, in guests that have it. */
  verifier: z.enum(['off', 'standard']).default('off'),
  crash: z
    .strictObject({
      /** A larger memory dump is neither made nor fetched. */
      dumpMiB: z.int().min(1).max(1_048_576).default(8192),
    })
    .prefault({}),
  recorder: z
    .strictObject({
      /** Bytes that the trace may hold before the agent has drained it; a scenario may set its own. */
      ringMiB: z.int().min(1).max(256).default(8),
    })
    .prefault({}),
  runs: z
    .strictObject({
      folder: z.string().default('runs'),
      /** How many run folders are kept; the oldest go first. */
      keep: z.int().min(1).max(10_000).default(20),
    })
    .prefault({}),
});

export type LabConfig = z.output<typeof labConfigSchema>;

/**
 * The configuration of this checkout; all defaults without a file. Paths are absolute afterwards. WSKLAB_RUNS overrides
 * the folder for runs.
 */
export function readLabConfig(path = join(projectRoot, 'lab.config.yaml')): LabConfig {
  const config = existsSync(path) ? readYaml(path, labConfigSchema.nullable()) : null;
  const { runs, ...rest } = config ?? labConfigSchema.parse({});
  return {
    ...rest,
    runs: { ...runs, folder: process.env['WSKLAB_RUNS'] ?? resolve(projectRoot, runs.folder) },
  };
}
