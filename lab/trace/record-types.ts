/** Renders lab/trace/records.ts: one interface per event and their union. */
import { LAYOUTS, type EventLayout } from './layout.ts';
import type { Field } from './schema.ts';

function tsType(field: Field): string {
  if (field.type === 'sockaddr') return 'SocketAddress | null';
  if (field.type === 'guid' || field.type === 'name') return 'string';
  return field.type === 'u64' && field.display === 'hex' ? 'bigint' : 'number';
}

export const interfaceName = (event: string) =>
  event.replaceAll(/(?:^|_)([a-z])/g, (_match, letter: string) => letter.toUpperCase());

const renderInterface = (event: EventLayout) => `
/** ${event.about[0]?.toUpperCase()}${event.about.slice(1)}. */
export interface ${interfaceName(event.name)} extends RecordCommon {
  event: '${event.name}';
${event.fields.map((field) => `  ${field.name}: ${tsType(field)};`).join('\n')}
}
`;

export function renderRecordTypes(): string {
  return `/** Made by \`npm run generate\` from schema.ts: do not edit. */

/** What every record has. */
export interface RecordCommon {
  /** Ordinal of the record in its trace, from 0. */
  position: number;
  /** Nanoseconds since trace_start. */
  time: number;
  tid: number;
  cpu: number;
  irql: number;
  /** One of SIDE. */
  side: number;
  /** Records that did not fit before this one, since the trace began. */
  discarded: number;
}

/** \`address\` is text: '10.77.0.2', 'fd77::2', 'fe80::1%3'; 32 hex digits if the family is neither AF_INET (2) nor AF_INET6 (23). */
export interface SocketAddress {
  family: number;
  port: number;
  address: string;
}
${LAYOUTS.map(renderInterface).join('')}
/** A decoded record. Numbers beyond 2^53 are rounded: only a broken driver passes such lengths. */
export type TraceRecord = ${LAYOUTS.map((event) => interfaceName(event.name)).join(' | ')};

export type EventName = TraceRecord['event'];

/** The record type of one event: RecordOf<'accept_enter'>. */
export type RecordOf<Name extends EventName> = Extract<TraceRecord, { event: Name }>;
`;
}
