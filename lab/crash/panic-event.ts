/** What QEMU tells when a guest's kernel gives up: a bugcheck of Windows by hv-crash, or a bare panic by pvpanic. */
import type { Bugcheck } from './bugcheck.ts';

/**
 * The bugcheck in the `info` of a GUEST_PANICKED event, all 64 bits of its parameters; undefined: the guest told none.
 * QEMU's qapi/run-state.json: type hyper-v, arg1 the code, arg2 to arg5 the parameters.
 */
export function panicBugcheck(info: unknown): Bugcheck | undefined {
  if (typeof info !== 'object' || info === null) return undefined;
  const { type, arg1, arg2, arg3, arg4, arg5 } = info as Record<string, unknown>;
  const values = [arg1, arg2, arg3, arg4, arg5].map(unsigned);
  if (type !== 'hyper-v' || values.some((value) => value === undefined)) return undefined;
  const [code = 0n, a = 0n, b = 0n, c = 0n, d = 0n] = values;
  return { code: Number(BigInt.asUintN(32, code)), parameters: [a, b, c, d] };
}

/** JSON has one kind of number: small ones arrive as number, large ones as bigint. */
function unsigned(value: unknown): bigint | undefined {
  const whole = typeof value === 'bigint' || (typeof value === 'number' && Number.isInteger(value));
  return whole ? BigInt.asUintN(64, BigInt(value)) : undefined;
}
