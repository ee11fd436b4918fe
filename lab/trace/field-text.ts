/** Text of a record's fields, as people read them. */
import { AF_INET, AF_INET6 } from './address.ts';
import type { FieldValue } from './field-codec.ts';
import { ntStatusName } from './nt-status.ts';
import type { SocketAddress } from './records.ts';
import { FUNCTIONS, PERTURBATIONS, type Field } from './schema.ts';

/** WSK_EVENT_* of WSK_EVENT_CALLBACK_CONTROL.EventMask. */
const EVENT_FLAGS: [number, string][] = [
  [0x200, 'ACCEPT'],
  [0x100, 'RECEIVE_FROM'],
  [0x80, 'DISCONNECT'],
  [0x40, 'RECEIVE'],
  [0x10, 'SEND_BACKLOG'],
  [0x80000000, 'DISABLE'],
];

const inverted = (values: Record<string, number>) =>
  new Map(Object.entries(values).map(([name, value]) => [value, name]));
const FUNCTION_NAMES = inverted(FUNCTIONS);
const PERTURBATION_NAMES = inverted(PERTURBATIONS);

export const functionName = (fn: number) => FUNCTION_NAMES.get(fn) ?? `function ${fn}`;
export const perturbationName = (kind: number) => PERTURBATION_NAMES.get(kind) ?? `perturbation ${kind}`;

/** A name comes from the guest: nothing in it may reach a terminal as a control sequence. */
export const printable = (name: string) => name.replaceAll(/[^\x20-\x7e]/g, '?');

/** 'ACCEPT|DISABLE'; what has no name is added in hex. */
export function eventMaskText(mask: number): string {
  const names = EVENT_FLAGS.filter(([flag]) => (mask & flag) !== 0).map(([, name]) => name);
  const unnamed = EVENT_FLAGS.reduce((rest, [flag]) => rest & ~flag, mask) >>> 0;
  return [...names, ...(unnamed || mask === 0 ? [hex(unnamed)] : [])].join('|');
}

/** '10.77.0.2:80', '[fd77::2]:80', 'NULL'. */
export function socketAddressText(value: SocketAddress | null): string {
  if (!value) return 'NULL';
  if (value.family === AF_INET) return `${value.address}:${value.port}`;
  if (value.family === AF_INET6) return `[${value.address}]:${value.port}`;
  return `family ${hex(value.family)} ${value.address}`;
}

export function fieldText({ type, display }: Field, value: FieldValue): string {
  if (type === 'sockaddr') return socketAddressText(value as SocketAddress | null);
  if (type === 'name') return `'${printable(value as string)}'`;
  if (type === 'guid') return value as string;
  switch (display) {
    case 'status':
      return ntStatusName(value as number);
    case 'function':
      return functionName(value as number);
    case 'perturbation':
      return perturbationName(value as number);
    case 'event-mask':
      return eventMaskText(value as number);
    case 'hex':
      return hex(value as number | bigint);
    default:
      return (value as number).toString();
  }
}

const hex = (value: number | bigint) => `0x${value.toString(16)}`;
