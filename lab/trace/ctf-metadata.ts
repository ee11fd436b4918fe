/** Writes and reads the 'metadata' file of a trace folder: TSDL of CTF 1.8, as plain text. */
import { FORMAT_VERSION } from './ctf-layout.ts';
import { LAYOUTS, type EventLayout, type PlacedField } from './layout.ts';
import { NT_STATUS } from './nt-status.ts';
import { FUNCTIONS, PERTURBATIONS, SCHEMA_VERSION, SIDE } from './schema.ts';
import { TraceError } from './trace-error.ts';

export interface TraceIdentity {
  /** 16 bytes. */
  uuid: Buffer;
  /** Ticks per second. */
  frequency: number;
  /** Ticks from 1970 to the clock's zero: may be negative. */
  offsetTicks: bigint;
}

const enumeration = (name: string, base: string, values: Record<string, number>) =>
  `enum ${name} : ${base} {\n${Object.entries(values)
    .map(([label, value]) => `\t"${label}" = ${value},`)
    .join('\n')}\n};`;

const DISPLAY_TYPES: Record<string, string> = {
  status: 'enum nt_status',
  function: 'enum function',
  perturbation: 'enum perturbation',
};

/** A field's TSDL type: hex where people read hex, names where values have names. */
function tsdlType({ type, display = 'dec' }: PlacedField): string {
  if (type === 'sockaddr' || type === 'guid') return `struct ${type}`;
  if (type === 'name') return 'character';
  return DISPLAY_TYPES[display] ?? (display === 'dec' ? type : `${type}_hex`);
}

const renderField = (field: PlacedField) =>
  `\t\t${tsdlType(field)} ${field.name}${field.type === 'name' ? '[32]' : ''};`;

const renderEvent = ({ id, name, fields }: EventLayout) => `event {
\tid = ${id};
\tname = "${name}";
\tstream_id = 0;
\tfields := struct {
${fields.map(renderField).join('\n')}
\t};
};`;

const integer = (alias: string, size: number, more = '') =>
  `typealias integer { size = ${size}; align = ${size}; signed = ${alias.startsWith('i')};${more} } := ${alias};`;

const integers = [8, 16, 32, 64]
  .flatMap((size) => [integer(`u${size}`, size), integer(`u${size}_hex`, size, ' base = 16;')])
  .concat(integer('i64', 64))
  .join('\n');

/** The clock of CTF counts from its offset: whole seconds, and the rest in ticks. */
function clockOffset({ frequency, offsetTicks }: TraceIdentity): { seconds: bigint; ticks: bigint } {
  const perSecond = BigInt(frequency);
  const ticks = ((offsetTicks % perSecond) + perSecond) % perSecond;
  return { seconds: (offsetTicks - ticks) / perSecond, ticks };
}

/** Enumerations, structures, and what a packet and the head of a record look like. */
const RECORD_TYPES = `${enumeration('side', 'u8', SIDE)}
${enumeration('nt_status', 'u32_hex', NT_STATUS)}
${enumeration('function', 'u32', FUNCTIONS)}
${enumeration('perturbation', 'u32', PERTURBATIONS)}

struct sockaddr {
\tu16 family;
\tu16 port;
\tu32 scope;
\tu8_hex address[16];
};

struct guid {
\tu32_hex data1;
\tu16_hex data2;
\tu16_hex data3;
\tu8_hex data4[8];
};

stream {
\tid = 0;
\tpacket.context := struct {
\t\tu64_ticks timestamp_begin;
\t\tu64_ticks timestamp_end;
\t\tu64 content_size;
\t\tu64 packet_size;
\t\tu64 events_discarded;
\t};
\tevent.header := struct {
\t\tu16 id;
\t\tu16 record_bytes;
\t\tu32 discarded;
\t\tu64_ticks timestamp;
\t} align(64);
\tevent.context := struct {
\t\tu32 tid;
\t\tu16 cpu;
\t\tu8 irql;
\t\tenum side side;
\t};
};`;

export function renderMetadata(identity: TraceIdentity): string {
  const uuid = formatUuid(identity.uuid);
  const offset = clockOffset(identity);
  return `/* CTF 1.8 */

${integers}
typealias integer { size = 8; align = 8; signed = false; encoding = ASCII; } := character;
typealias integer { size = 64; align = 64; signed = false; map = clock.recorder.value; } := u64_ticks;

trace {
\tmajor = 1;
\tminor = 8;
\tuuid = "${uuid}";
\tbyte_order = le;
\tpacket.header := struct {
\t\tu32_hex magic;
\t\tu8 uuid[16];
\t\tu32 stream_id;
\t\tu32_hex crc32;
\t};
};

env {
\ttracer_name = "wsklab";
\twsklab_format = ${FORMAT_VERSION};
\twsklab_schema = ${SCHEMA_VERSION};
};

clock {
\tname = "recorder";
\tfreq = ${identity.frequency};
\toffset_s = ${offset.seconds};
\toffset = ${offset.ticks};
};

${RECORD_TYPES}

${LAYOUTS.map(renderEvent).join('\n\n')}
`;
}

const formatUuid = (uuid: Buffer) =>
  uuid.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');

/**
 * The uuid in metadata that this lab wrote. Everything else in it follows from the versions: another one, or
 * another tracer's metadata, is refused with a TraceError.
 */
export function parseMetadata(text: string, path: string): { uuid: Buffer } {
  const uuid = /^\tuuid = "([0-9a-f-]{36})";$/m.exec(text)?.[1];
  const versions = [...text.matchAll(/^\twsklab_(format|schema) = (\d{1,9});$/gm)];
  if (!text.startsWith('/* CTF 1.8 */') || versions.length === 0)
    throw new TraceError('LAB_TRACE_FOREIGN', 0, `'${path}' is not the metadata of a trace of this lab`, [
      path,
    ]);
  for (const [of, wanted] of Object.entries({ format: FORMAT_VERSION, schema: SCHEMA_VERSION })) {
    const version = Number(versions.find(([, name]) => name === of)?.[2] ?? 1);
    if (version === wanted) continue;
    const message = `trace of ${of} version ${version}, this lab reads version ${wanted}`;
    throw new TraceError('LAB_TRACE_VERSION', 0, message, [path]);
  }
  if (uuid === undefined)
    throw new TraceError('LAB_TRACE_CUT', text.length, `'${path}' has no uuid: it ends`, [path]);
  return { uuid: Buffer.from(uuid.replaceAll('-', ''), 'hex') };
}
