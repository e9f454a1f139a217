// Whether a JSON value has the members and types that an AWS shape has, as the SDK's own schema says. The SDK drops unknown
// members without a word and leaves wrong types to the service; a slip in a name must not go unseen.
import { NormalizedSchema } from '@smithy/core/schema';
import { quoted } from '../base/quoted.ts';
import { nearest } from '../base/nearest.ts';
import type { JsonPath } from './json-lines.ts';
import { meant } from './meant.ts';

export type SchemaRef = Parameters<typeof NormalizedSchema.of>[0];

export interface Misfit {
  path: JsonPath;
  /** The end of the sentence 'the file, line 7, …'. */
  why: string;
}

/** The first misfit in document order; undefined when there is none. `null` counts as absent, as in the SDK, but in lists. */
export function findMisfit(value: unknown, schema: SchemaRef): Misfit | undefined {
  return misfit(value, NormalizedSchema.of(schema), [], '');
}

/** What a number of this name is called; others are whole numbers. */
const nouns: Readonly<Record<string, string>> = { containerPort: 'a port', hostPort: 'a port' };

/** @param where whose member it is, in words: ' for container "web"' */
function misfit(value: unknown, schema: NormalizedSchema, path: JsonPath, where: string): Misfit | undefined {
  const inList = typeof path.at(-1) === 'number';
  if (value === undefined || (value === null && !inList)) return undefined;
  const name = path.findLast((key) => typeof key === 'string') ?? 'a value';
  const wrong = (what: string): Misfit => {
    const instead = meant(value, schema, path);
    const it = inList ? `${shown(value)} in ${name}` : `${name} ${shown(value)}`;
    return { path, why: `has ${it}${where}, which is not ${what}${instead === undefined ? '' : `: write ${instead}`}` };
  };
  if (schema.isStructSchema()) return isRecord(value) ? structMisfit(value, schema, path, where) : wrong('an object');
  if (schema.isListSchema()) {
    if (Array.isArray(value)) return firstOf(value.entries(), schema.getValueSchema(), path, where);
    return wrong('a list');
  }
  if (schema.isMapSchema())
    return isRecord(value) ? firstOf(Object.entries(value), schema.getValueSchema(), path, where) : wrong('an object');
  if (schema.isStringSchema()) return typeof value === 'string' ? undefined : wrong('a text in quotes');
  if (schema.isBooleanSchema()) return typeof value === 'boolean' ? undefined : wrong('true or false');
  if (schema.isNumericSchema())
    return Number.isInteger(value) ? undefined : wrong(nouns[String(path.at(-1))] ?? 'a whole number');
  return undefined;
}

function structMisfit(
  value: Record<string, unknown>,
  schema: NormalizedSchema,
  path: JsonPath,
  where: string,
): Misfit | undefined {
  const members = new Map(schema.structIterator());
  const within = whose(value, path, where);
  for (const [name, inner] of Object.entries(value)) {
    const member = members.get(name);
    if (member === undefined) {
      const known = nearest(name, [...members.keys()]);
      return {
        path: [...path, name],
        why: `has a member ${quoted(name)}${within} that ECS does not know${known === undefined ? '' : `; did you mean "${known}"?`}`,
      };
    }
    const found = misfit(inner, member, [...path, name], name === 'name' ? where : within);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** ' for container "web"', ' for "PORT" of container "web"' */
function whose(value: Record<string, unknown>, path: JsonPath, where: string): string {
  const { name } = value;
  if (typeof name !== 'string') return where;
  const what = path.at(-2) === 'containerDefinitions' ? `container ${quoted(name)}` : quoted(name);
  return ` for ${what}${where.replace(/^ for /, ' of ')}`;
}

function firstOf(
  entries: Iterable<[string | number, unknown]>,
  member: NormalizedSchema,
  path: JsonPath,
  where: string,
): Misfit | undefined {
  for (const [key, inner] of entries) {
    const found = misfit(inner, member, [...path, key], where);
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
