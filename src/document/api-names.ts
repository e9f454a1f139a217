// A value with the member names that an AWS shape has, where only the case of letters differs: CloudFormation writes
// ContainerDefinitions and EFSVolumeConfiguration. Absent is what is null. Pure; knows nothing of what the value means.
import { NormalizedSchema } from '@smithy/core/schema';
import type { JsonPath } from './json-lines.ts';
import type { SchemaRef } from './schema-check.ts';

export interface Renamed {
  value: unknown;
  /** What of the given value the member at `path` was. */
  at(path: JsonPath): JsonPath;
}

/** CloudFormation's names that are others altogether. */
const otherNames: Readonly<Record<string, string>> = { ProxyConfigurationProperties: 'properties' };

/**
 * Members that the shape does not have stay as they are.
 * @param loosely as CloudFormation takes values: "80" for a number, 80 for a text, "true" for a boolean
 */
export function inApiNames(given: unknown, schema: SchemaRef, loosely: boolean): Renamed {
  /** Of each object that was made: its members' names in what was given. */
  const names = new WeakMap<object, Map<string, string>>();

  function walk(value: unknown, shape: NormalizedSchema | undefined): unknown {
    if (Array.isArray(value)) {
      const inner = shape?.isListSchema() === true ? shape.getValueSchema() : undefined;
      return value.map((each) => walk(each, inner));
    }
    if (typeof value !== 'object' || value === null) return loosely ? scalar(value, shape) : value;
    const members = shape?.isStructSchema() === true ? new Map(shape.structIterator()) : undefined;
    const inMap = shape?.isMapSchema() === true ? shape.getValueSchema() : undefined;
    const before = new Map<string, string>();
    const made: Record<string, unknown> = {};
    names.set(made, before);
    for (const [name, inner] of Object.entries(value)) {
      if (isAbsent(inner)) continue;
      const own = members === undefined ? name : nameIn(members, name, value);
      before.set(own, name);
      Object.defineProperty(made, own, {
        value: walk(inner, members?.get(own) ?? inMap),
        enumerable: true,
        writable: true,
        configurable: true,
      });
    }
    return made;
  }

  const value = walk(given, NormalizedSchema.of(schema));
  return {
    value,
    at(path) {
      let here: unknown = value;
      return path.map((key) => {
        const name = typeof here === 'object' && here !== null ? (names.get(here)?.get(String(key)) ?? key) : key;
        here = typeof here === 'object' && here !== null ? (here as Record<string | number, unknown>)[key] : undefined;
        return name;
      });
    },
  };
}

/** null, and CloudFormation's own word for it. */
function isAbsent(value: unknown): boolean {
  return value === null || (typeof value === 'object' && 'Ref' in value && value.Ref === 'AWS::NoValue');
}

/** Only names that begin with a capital are meant otherwise than written; what is there in both spellings stays. */
function nameIn(members: ReadonlyMap<string, unknown>, name: string, beside: object): string {
  if (members.has(name) || !/^[A-Z]/.test(name)) return name;
  const other = otherNames[name];
  if (other !== undefined && members.has(other)) return other;
  const own = [...members.keys()].find((member) => member.toLowerCase() === name.toLowerCase());
  return own === undefined || Object.hasOwn(beside, own) ? name : own;
}

function scalar(value: unknown, shape: NormalizedSchema | undefined): unknown {
  if (shape?.isStringSchema() === true && ['number', 'boolean'].includes(typeof value)) return String(value);
  if (typeof value !== 'string') return value;
  if (shape?.isNumericSchema() === true && /^-?\d{1,15}$/.test(value)) return Number(value);
  if (shape?.isBooleanSchema() === true && /^(true|false)$/i.test(value)) return value.toLowerCase() === 'true';
  return value;
}
