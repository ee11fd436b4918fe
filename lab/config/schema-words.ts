/** What a zod schema would have allowed at a place: the words that a message can offer instead of a wrong one. */
import type { z } from 'zod';

/** The keys that the mapping at `path` may have; none if the schema does not list them. */
export function keysAt(schema: z.core.$ZodType, path: readonly PropertyKey[]): string[] {
  return schemasAt(schema, path).flatMap((it) =>
    it._zod.def.type === 'object' ? Object.keys((it as z.core.$ZodObject)._zod.def.shape) : [],
  );
}

/** Every schema that can apply at `path`: several where the schema is a union. */
function schemasAt(schema: z.core.$ZodType, path: readonly PropertyKey[]): z.core.$ZodType[] {
  const [step, ...rest] = path;
  const open = unwrap(schema);
  if (step === undefined) return open;
  return open.flatMap((it) => {
    const child = childOf(it, step);
    return child === undefined ? [] : schemasAt(child, rest);
  });
}

function childOf(schema: z.core.$ZodType, step: PropertyKey): z.core.$ZodType | undefined {
  const { def } = (schema as z.core.$ZodTypes)._zod;
  if (def.type === 'object') return def.shape[String(step)];
  if (def.type === 'array') return def.element;
  if (def.type === 'record') return def.valueType;
  return undefined;
}

/** Looks through what changes nothing about the form: optional, default, transform, union, lazy. */
function unwrap(schema: z.core.$ZodType): z.core.$ZodType[] {
  const { def } = (schema as z.core.$ZodTypes)._zod;
  switch (def.type) {
    case 'optional':
    case 'nullable':
    case 'default':
    case 'prefault':
    case 'readonly':
      return unwrap(def.innerType);
    case 'pipe':
      return unwrap(def.in);
    case 'lazy':
      return unwrap(def.getter());
    case 'union':
      return def.options.flatMap(unwrap);
    default:
      return [schema];
  }
}
