// Small questions to the SDK's schemas that NormalizedSchema itself does not answer. Knows no protocol.
import { NormalizedSchema } from '@smithy/core/schema';

export type Shape = NormalizedSchema;
export type SchemaRef = Parameters<typeof NormalizedSchema.of>[0];

export const shapeOf = (ref: SchemaRef): Shape => NormalizedSchema.of(ref);

/** Names of the required members: the SDK lists them first and says how many there are in the seventh place. */
export function requiredMembers(shape: Shape): readonly string[] {
  const schema: unknown = shape.getSchema();
  if (!Array.isArray(schema)) return [];
  const names: unknown = schema[4];
  const count: unknown = schema[6];
  return Array.isArray(names) && typeof count === 'number' ? (names.slice(0, count) as string[]) : [];
}

/** A record that is safe to fill with keys from the wire: `__proto__` is a key like any other. */
export function setOwn(target: Record<string, unknown>, key: string, value: unknown): void {
  Object.defineProperty(target, key, { value, enumerable: true, writable: true, configurable: true });
}
