/**
 * The text of a story: one line per record, packet or client operation, `label event field=value ...`, with
 * three shorthands that are written out here. See README.md beside this file.
 */

/** One line, written out. The label is unique in its story. */
export interface Line {
  label: string;
  /** A record of the schema, or `packet` or `client`. */
  event: string;
  fields: Record<string, string>;
}

const RETURN_OF: Record<string, string> = {
  capture_enter: 'capture_return',
  wait_enter: 'wait_return',
  accept_event_enter: 'accept_event_return',
  receive_event_enter: 'receive_event_return',
  disconnect_event_enter: 'callback_return',
  backlog_event_enter: 'callback_return',
  inspect_event_enter: 'callback_return',
  client_event_enter: 'callback_return',
};

function readFields(words: readonly string[], where: string): Record<string, string> {
  return Object.fromEntries(
    words.map((word) => {
      const [, name, value] = /^(\w+)=(\S+)$/.exec(word) ?? [];
      if (name === undefined || value === undefined)
        throw new Error(`${where}: "${word}" is not field=value`);
      return [name, value];
    }),
  );
}

/** `X returns success` */
function returnLine(of: Line, status: string | undefined, fields: Record<string, string>): Line {
  const event =
    of.fields.fn === 'WskQueryProviderCharacteristics'
      ? 'query_return'
      : (RETURN_OF[of.event] ?? 'call_return');
  const outcome = status === undefined ? {} : { status };
  return { label: `${of.label}.return`, event, fields: { of: of.label, ...outcome, ...fields } };
}

/** `X completes success`: what the IRP gave, then its completion routine entered and left. */
function completionLines(of: Line, status: string, fields: Record<string, string>): Line[] {
  const line = (suffix: string, event: string, more: Record<string, string> = {}): Line => ({
    label: `${of.label}.${suffix}`,
    event,
    fields: { of: of.label, ...more },
  });
  const { creates, gives, gives_local, gives_remote } = of.fields;
  const succeeded = status === 'success';
  return [
    ...(creates && succeeded ? [line('created', 'socket_created', { socket: creates })] : []),
    ...(gives_local && succeeded
      ? [line('addresses', 'accept_addresses', { local: gives_local, remote: gives_remote ?? 'null' })]
      : []),
    ...(gives && succeeded ? [line('result', 'address_result', { value: gives })] : []),
    line('complete', 'irp_complete', { status, ...fields }),
    line('completed', 'irp_complete_return', { ...pick(fields, ['tid', 'irql']) }),
  ];
}

const pick = (fields: Record<string, string>, names: readonly string[]) =>
  Object.fromEntries(Object.entries(fields).filter(([name]) => names.includes(name)));

/** `X event ... => success`, `=> pending success`, `=> inline success`: the usual ends of a call. */
function tailLines(of: Line, words: readonly string[]): Line[] {
  const statuses = words.filter((word) => !word.includes('='));
  const fields = readFields(
    words.filter((word) => word.includes('=')),
    of.label,
  );
  const [first, second] = statuses;
  if (first === undefined) throw new Error(`${of.label}: nothing follows =>`);
  if (second === undefined) return [returnLine(of, first, fields)];
  if (first === 'inline') return [...completionLines(of, second, fields), returnLine(of, second, {})];
  return [returnLine(of, first, {}), ...completionLines(of, second, fields)];
}

const hasIrp = (line: Line) =>
  line.event.endsWith('_enter') && line.fields.irp !== undefined && line.fields.irp !== '0';

/** Reads the lines of a story or of an insertion into one; `known` are the lines that `X returns` may speak of. */
export function parseLines(text: string, known: readonly Line[] = []): Line[] {
  const lines: Line[] = [];
  const find = (label: string) => {
    const found = [...lines, ...known].find((line) => line.label === label);
    if (!found) throw new Error(`no line "${label}" before this one`);
    return found;
  };
  for (const row of text.split('\n')) {
    const [head = '', tail] = row.split('=>');
    const [label, event, ...words] = head.trim().split(/\s+/);
    if (!label || label.startsWith('#')) continue;
    if (event === undefined) throw new Error(`"${row}" has a label and no event`);
    const isEnd = event === 'returns' || event === 'completes';
    const status = isEnd && !words[0]?.includes('=') ? words[0] : undefined;
    const fields = readFields(status === undefined ? words : words.slice(1), label);
    if (event === 'returns') lines.push(returnLine(find(label), status, fields));
    else if (event === 'completes') lines.push(...completionLines(find(label), status ?? 'success', fields));
    else {
      const line: Line = { label, event, fields };
      if (hasIrp(line)) lines.push({ label: `${label}.irp`, event: 'irp_state', fields: { of: label } });
      lines.push(line, ...(tail === undefined ? [] : tailLines(line, tail.trim().split(/\s+/))));
    }
  }
  return lines;
}
