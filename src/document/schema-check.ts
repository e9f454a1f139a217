// Whether a JSON value has the members and types that an AWS shape has, as the SDK's own schema says. The SDK drops unknown
// members without a word and leaves wrong types to the service; a slip in a name must not go unseen.
import { NormalizedSchema } from '@smithy/core/schema';
import { quoted } from '../base/quoted.ts';
import { nearest } from '../base/nearest.ts';
import type { JsonPath } from './json-lines.ts';

export type SchemaRef = Parameters<typeof NormalizedSchema.of>[0];

export interface Misfit {
  path: JsonPath;
  /** The end of the sentence 'the file, line 7, …'. */
  why: string;
}

/** The first misfit in document order; undefined when there is none. `null` counts as absent, as in the SDK. */
export function findMisfit(value: unknown, schema: SchemaRef): Misfit | undefined {
  return misfit(value, NormalizedSchema.of(schema), []);
}

function misfit(value: unknown, schema: NormalizedSchema, path: JsonPath): Misfit | undefined {
  if (value === null || value === undefined) return undefined;
  const wrong = (what: string): Misfit => ({
    path,
    why: `has ${String(path.at(-1) ?? 'a value')} ${shown(value)}, which is not ${what}`,
  });
  if (schema.isStructSchema()) return isRecord(value) ? structMisfit(value, schema, path) : wrong('an object');
  if (schema.isListSchema())
    return Array.isArray(value) ? firstOf(value.entries(), () => schema.getValueSchema(), path) : wrong('a list');
  if (schema.isMapSchema())
    return isRecord(value) ? firstOf(Object.entries(value), () => schema.getValueSchema(), path) : wrong('an object');
  if (schema.isStringSchema()) return typeof value === 'string' ? undefined : wrong('a text in quotes');
  if (schema.isBooleanSchema()) return typeof value === 'boolean' ? undefined : wrong('true or false');
  if (schema.isNumericSchema()) return typeof value === 'number' ? undefined : wrong('a number');
  return undefined;
}

function structMisfit(value: Record<string, unknown>, schema: NormalizedSchema, path: JsonPath): Misfit | undefined {
  const members = new Map(schema.structIterator());
  for (const [name, inner] of Object.entries(value)) {
    const member = members.get(name);
    if (member === undefined) {
      const meant = nearest(name, [...members.keys()]);
      return {
        path: [...path, name],
        why: `has a member ${quoted(name)} that ECS does not know${meant === undefined ? '' : `; did you mean "${meant}"?`}`,
      };
    }
    const found = misfit(inner, member, [...path, name]);
    if (found !== undefined) return found;
  }
  return undefined;
}

function firstOf(
  entries: Iterable<[string | number, unknown]>,
  member: () => NormalizedSchema,
  path: JsonPath,
): Misfit | undefined {
  for (const [key, inner] of entries) {
    const found = misfit(inner, member(), [...path, key]);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** Objects and lists by their kind: nobody wants them printed whole. */
function shown(value: unknown): string {
  if (Array.isArray(value)) return '[…]';
  if (isRecord(value)) return '{…}';
  return typeof value === 'string' ? quoted(value) : String(value);
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
