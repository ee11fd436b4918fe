/** Renders drivers/include/trace_records.h: the records as C structs for the recorder, with their offsets asserted. */
import { LAYOUTS, type EventLayout } from './layout.ts';
import { FUNCTIONS, HEADER_BYTES, NULL_FAMILY, PERTURBATIONS, SCHEMA_VERSION, SIDE } from './schema.ts';
import type { FieldType } from './schema.ts';

const C_TYPES: Record<FieldType, string> = {
  u8: 'uint8_t',
  u16: 'uint16_t',
  u32: 'uint32_t',
  u64: 'uint64_t',
  i64: 'int64_t',
  sockaddr: 'TRACE_SOCKADDR',
  guid: 'TRACE_GUID',
  name: 'TRACE_NAME',
};

const constant = (name: string) => name.replaceAll('-', '_').toUpperCase();

const defines = (prefix: string, values: Record<string, number>) =>
  Object.entries(values)
    .map(([name, value]) => `#define ${prefix}${constant(name)} ${value}`)
    .join('\n');

const enumeration = (type: string, values: [string, number][]) =>
  [`typedef enum ${type} {`, ...values.map(([name, value]) => `    ${name} = ${value},`), `} ${type};`].join(
    '\n',
  );

function struct(event: EventLayout): string {
  const type = `TRACE_${constant(event.name)}`;
  const offsetAssert = (field: string, offset: number) =>
    `TRACE_STATIC_ASSERT(offsetof(${type}, ${field}) == ${offset}, "${event.name}.${field}");`;
  return [
    `/* ${event.about} */`,
    `typedef struct ${type} {`,
    '    TRACE_HEADER header;',
    ...event.fields.map((field) => `    ${C_TYPES[field.type]} ${field.name};`),
    `} ${type};`,
    ...event.fields.map((field) => offsetAssert(field.name, field.offset)),
    `TRACE_STATIC_ASSERT(sizeof(${type}) == ${event.bytes}, "${event.name}");`,
  ].join('\n');
}

/** Everything before the ids: constants, and the types that records are made of. */
const PRELUDE = `/* Made by \`npm run generate\` from lab/trace/schema.ts: do not edit. */
/* clang-format off */
#ifndef TRACE_RECORDS_H
#define TRACE_RECORDS_H

#include <stddef.h>
#include <stdint.h>

#if defined(__cplusplus) || defined(_MSC_VER)
#define TRACE_STATIC_ASSERT(condition, what) static_assert(condition, what)
#else
#define TRACE_STATIC_ASSERT(condition, what) _Static_assert(condition, what)
#endif

#define TRACE_SCHEMA_VERSION ${SCHEMA_VERSION}

/* Family of a sockaddr whose pointer was NULL. */
#define TRACE_NULL_FAMILY 0x${NULL_FAMILY.toString(16)}

/* Which side of the recorder a record concerns; both when nothing was perturbed. */
${defines('TRACE_SIDE_', SIDE)}

/* Every record begins with this; size is the whole record's, time is in ticks of the trace's clock,
 * discarded counts the records that did not fit before this one since the trace began. */
typedef struct TRACE_HEADER {
    uint16_t id;
    uint16_t size;
    uint32_t discarded;
    uint64_t time;
    uint32_t tid;
    uint16_t cpu;
    uint8_t irql;
    uint8_t side;
} TRACE_HEADER;
TRACE_STATIC_ASSERT(sizeof(TRACE_HEADER) == ${HEADER_BYTES}, "header");

/* port in host order; IPv4 uses the first four bytes of address, the rest is zero. */
typedef struct TRACE_SOCKADDR {
    uint16_t family;
    uint16_t port;
    uint32_t scope;
    uint8_t address[16];
} TRACE_SOCKADDR;
TRACE_STATIC_ASSERT(sizeof(TRACE_SOCKADDR) == 24, "sockaddr");

/* A GUID's bytes as they stand in memory. */
typedef struct TRACE_GUID {
    uint32_t data1;
    uint16_t data2;
    uint16_t data3;
    uint8_t data4[8];
} TRACE_GUID;
TRACE_STATIC_ASSERT(sizeof(TRACE_GUID) == 16, "guid");

/* ASCII, padded with NUL. */
typedef struct TRACE_NAME {
    char text[32];
} TRACE_NAME;
TRACE_STATIC_ASSERT(sizeof(TRACE_NAME) == 32, "name");`;

export function renderCHeader(): string {
  return `${PRELUDE}

${enumeration(
  'TRACE_ID',
  LAYOUTS.map((event): [string, number] => [`TRACE_ID_${constant(event.name)}`, event.id]),
)}

/* Values of the field fn. */
${enumeration(
  'TRACE_FUNCTION',
  Object.entries(FUNCTIONS).map(([name, value]): [string, number] => [`TRACE_FN_${name}`, value]),
)}

/* Values of perturbation.kind. */
${enumeration(
  'TRACE_PERTURBATION_KIND',
  Object.entries(PERTURBATIONS).map(([name, value]): [string, number] => [
    `TRACE_PERTURB_${constant(name)}`,
    value,
  ]),
)}

${LAYOUTS.map(struct).join('\n\n')}

#endif
`;
}
