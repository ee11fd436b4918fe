/** Where every field of a record stands, computed from the schema. */
import { EVENTS, FIELD_LAYOUT, HEADER_BYTES, type EventType, type Field } from './schema.ts';

export interface PlacedField extends Field {
  /** Bytes from the record's first byte. */
  offset: number;
}

export interface EventLayout {
  id: number;
  name: string;
  about: string;
  fields: readonly PlacedField[];
  /** Offset just after the last field: where the trailing padding begins. */
  contentBytes: number;
  /** The record's size: a multiple of 8. */
  bytes: number;
}

/** Rounds up to a multiple of `alignment`. */
export function align(offset: number, alignment: number): number {
  return Math.ceil(offset / alignment) * alignment;
}

function place(event: EventType): EventLayout {
  let offset = HEADER_BYTES;
  const fields = event.fields.map((field) => {
    const layout = FIELD_LAYOUT[field.type];
    const placed = { ...field, offset: align(offset, layout.align) };
    offset = placed.offset + layout.size;
    return placed;
  });
  return { ...event, fields, contentBytes: offset, bytes: align(offset, 8) };
}

/** Layouts in the order of their ids, which begin at 1. */
export const LAYOUTS: readonly EventLayout[] = EVENTS.map(place);

/** Size of the longest record that the schema knows. */
export const LONGEST_RECORD_BYTES = Math.max(...LAYOUTS.map((layout) => layout.bytes));
