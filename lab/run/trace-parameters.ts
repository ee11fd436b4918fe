/** struct WSKTR_START (drivers/include/wsktr_ioctl.h): what a trace is begun with. */
import { PERTURBATIONS, SCHEMA_VERSION } from '../trace/schema.ts';
import type { Perturbation } from './scenario.ts';

const HEADER_BYTES = 24;
const PERTURB_BYTES = 24;
const ALWAYS = 65_536;

export interface TraceParameters {
  ringBytes: number;
  seed: number;
  perturb: readonly Perturbation[];
}

export function renderTraceParameters({ ringBytes, seed, perturb }: TraceParameters): Buffer {
  const bytes = Buffer.alloc(HEADER_BYTES + perturb.length * PERTURB_BYTES);
  bytes.writeUInt32LE(SCHEMA_VERSION, 0);
  bytes.writeUInt32LE(ringBytes, 4);
  bytes.writeBigUInt64LE(BigInt(seed), 8);
  bytes.writeUInt32LE(perturb.length, 16);
  perturb.forEach((it, index) => {
    const at = HEADER_BYTES + index * PERTURB_BYTES;
    bytes.writeUInt32LE(PERTURBATIONS[it.do], at);
    bytes.writeUInt32LE(it.argument, at + 4);
    bytes.writeUInt32LE(it.first, at + 8);
    bytes.writeUInt32LE(it.every, at + 12);
    bytes.writeUInt32LE(Math.round(it.probability * ALWAYS), at + 16);
  });
  return bytes;
}
