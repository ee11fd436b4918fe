/**
 * What Windows says when it stops: a code and four parameters, and what they mean for the codes that drivers meet. After
 * the bug check reference of Microsoft's debugger documentation, in our words.
 */
import { ntStatusName } from '../trace/nt-status.ts';
import { BUGCHECKS, type ParameterKind, type ParameterLabel } from './bugcheck-codes.ts';
import { describeStop, VERIFIER_CODES } from './verifier-stop.ts';

export interface Bugcheck {
  code: number;
  parameters: readonly [bigint, bigint, bigint, bigint];
}

export interface ExplainedBugcheck {
  /** '0xD1 DRIVER_IRQL_NOT_LESS_OR_EQUAL'. */
  title: string;
  /** What happened, in a sentence without a full stop; for a stop of Driver Verifier: its rule. */
  means: string;
  /** Each parameter with its meaning; what is reserved and 0 is left out. */
  parameters: string[];
  /** Driver Verifier stopped it. */
  isVerifier: boolean;
  /** 'guest': nothing that a driver under test is known to do. */
  blame: 'driver' | 'guest';
}

/** Codes of minidumps and of saved crashes may have this bit set; the meaning is the same. */
const SAVED = 0x1000_0000;

export function explainBugcheck({ code, parameters }: Bugcheck): ExplainedBugcheck {
  const base = code >= SAVED && code < 2 * SAVED ? code - SAVED : code;
  const facts = BUGCHECKS[base];
  const stop = describeStop(base, parameters);
  const isVerifier = VERIFIER_CODES.includes(base);
  const labels = stop?.parameters ?? facts?.parameters ?? [];
  return {
    title: `0x${code.toString(16).toUpperCase()} ${facts?.name ?? 'a code that the lab has no words for'}`,
    means: stop?.rule ?? facts?.means ?? "look it up in Microsoft's bug check reference",
    parameters: parameters.flatMap((value, index) => parameterText(value, index, labels[index])),
    isVerifier,
    blame: facts?.blame ?? 'driver',
  };
}

function parameterText(value: bigint, index: number, label: ParameterLabel | undefined): string[] {
  if (label === undefined || label === null)
    return value === 0n ? [] : [`parameter ${index + 1}: ${hex(value)}`];
  const [name, kind] = label;
  return [`${name}: ${valueText(value, kind)}`];
}

const IRQL_NAMES: Record<string, string> = { 0: 'PASSIVE_LEVEL', 1: 'APC_LEVEL', 2: 'DISPATCH_LEVEL' };
const ACCESS: Record<string, string> = { 0: 'read', 1: 'write', 2: 'write', 8: 'execute', 16: 'execute' };

function valueText(value: bigint, kind: ParameterKind): string {
  if (kind === 'number') return String(value);
  if (kind === 'irql') return `${value}${IRQL_NAMES[String(value)] ? ` (${IRQL_NAMES[String(value)]})` : ''}`;
  if (kind === 'access') return ACCESS[String(value)] ?? hex(value);
  if (kind === 'status') return statusText(value);
  if (kind === 'value') return `0x${value.toString(16)}`;
  return kind === 'address' ? hex(value) : (kind[Number(value)] ?? `0x${value.toString(16)}`);
}

/** An NTSTATUS, often extended by its sign to 64 bits. */
function statusText(value: bigint): string {
  const status = Number(BigInt.asUintN(32, value));
  const number = `0x${status.toString(16).toUpperCase().padStart(8, '0')}`;
  const name = EXCEPTIONS[status] ?? ntStatusName(status);
  return name.startsWith('0x') ? number : `${number} (${name})`;
}

const EXCEPTIONS: Record<number, string> = {
  0x80000003: 'breakpoint',
  0xc0000005: 'access violation',
  0xc000001d: 'illegal instruction',
  0xc0000094: 'division by zero',
  0xc0000096: 'privileged instruction',
  0xc0000409: 'stack buffer overrun, or a fail-fast',
};

const hex = (value: bigint): string => `0x${value.toString(16).padStart(16, '0')}`;

/** '0xD1 (0x0000000000000010, 0x0000000000000002, ...)', as debuggers write it. */
export function bugcheckText({ code, parameters }: Bugcheck): string {
  return `0x${code.toString(16).toUpperCase()} (${parameters.map(hex).join(', ')})`;
}
