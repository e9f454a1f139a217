// JSON documents of requests → plain objects, by schema. Unknown members are ignored as on AWS, wrong types are not.
// Knows nothing of HTTP.
import { wordsOf } from './error-words.ts';
import type { WireService } from './service.ts';
import { requiredMembers, setOwn, type Shape } from './shape.ts';

/**
 * @param body the request body; empty counts as `{}`.
 * @returns the input with Date for timestamps and Uint8Array for blobs; null members count as absent.
 * @throws AwsError SerializationException, or the service's own error for a missing required member.
 */
export function readJson(service: WireService, shape: Shape, body: string): Record<string, unknown> {
  const parsed = parseJson(service, body);
  return shape.isUnitSchema() ? {} : readStruct(service, shape, parsed, '');
}

/** @throws AwsError when the body is no JSON object. */
export function parseJson(service: WireService, body: string): Record<string, unknown> {
  let parsed: unknown = {};
  if (body.trim() !== '') {
    try {
      parsed = JSON.parse(body);
    } catch {
      throw wordsOf(service).unreadable('the request body is not JSON');
    }
  }
  if (!isRecord(parsed)) throw wordsOf(service).unreadable('Unexpected value type in payload');
  return parsed;
}

/** The member's name in the document: only REST heeds the trait. */
export function jsonKey(service: WireService, name: string, member: Shape): string {
  const { jsonName } = member.getMergedTraits() as { jsonName?: string };
  return service.protocol === 'rest-json' ? (jsonName ?? name) : name;
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Coral's names of JSON tokens, as ECS's own messages have them. */
function tokenName(value: unknown): string {
  if (typeof value === 'boolean') return value ? 'TRUE_VALUE' : 'FALSE_VALUE';
  if (typeof value === 'number') return Number.isInteger(value) ? 'NUMBER_VALUE' : 'DECIMAL_VALUE';
  if (typeof value === 'string') return 'STRING_VALUE';
  return Array.isArray(value) ? 'START_ARRAY' : 'START_OBJECT';
}

function readStruct(
  service: WireService,
  shape: Shape,
  value: Record<string, unknown>,
  path: string,
): Record<string, unknown> {
  const result: Record<string, unknown> = {};
  for (const [name, member] of shape.structIterator()) {
    const key = jsonKey(service, name, member);
    const sent = Object.hasOwn(value, key) ? value[key] : undefined;
    if (sent === undefined || sent === null) continue;
    setOwn(result, name, readValue(service, member, sent, path === '' ? name : `${path}.${name}`));
  }
  for (const name of requiredMembers(shape)) {
    if (!Object.hasOwn(result, name)) throw wordsOf(service).missingMember(path === '' ? name : `${path}.${name}`);
  }
  return result;
}

/** One value of the document. @param path where it stands. */
export function readValue(service: WireService, shape: Shape, value: unknown, path: string): unknown {
  const refuse = (wanted: string): never => {
    throw wordsOf(service).wrongType(path, tokenName(value), wanted);
  };
  if (shape.isStructSchema()) {
    return isRecord(value) ? readStruct(service, shape, value, path) : refuse('Structure');
  }
  if (shape.isListSchema()) {
    if (!Array.isArray(value)) return refuse('List');
    const member = shape.getValueSchema();
    return value
      .filter((item) => item !== null)
      .map((item, index) => readValue(service, member, item, `${path}.${index + 1}`));
  }
  if (shape.isMapSchema()) {
    if (!isRecord(value)) return refuse('Map');
    const member = shape.getValueSchema();
    const result: Record<string, unknown> = {};
    for (const [key, item] of Object.entries(value)) {
      if (item !== null) setOwn(result, key, readValue(service, member, item, `${path}.${key}`));
    }
    return result;
  }
  if (shape.isStringSchema()) return typeof value === 'string' ? value : refuse('String');
  if (shape.isBooleanSchema()) return typeof value === 'boolean' ? value : refuse('Boolean');
  if (shape.isNumericSchema()) return readNumber(value) ?? refuse('Integer');
  if (shape.isTimestampSchema()) return readTimestamp(value) ?? refuse('Timestamp');
  if (shape.isBlobSchema()) {
    return typeof value === 'string' ? new Uint8Array(Buffer.from(value, 'base64')) : refuse('Blob');
  }
  return value;
}

function readNumber(value: unknown): number | undefined {
  if (typeof value === 'number') return value;
  // JSON has no word for these; the SDK writes them as strings.
  return value === 'NaN' || value === 'Infinity' || value === '-Infinity' ? Number(value) : undefined;
}

/** Seconds since the epoch, or a date in text, which AWS accepts as well. */
function readTimestamp(value: unknown): Date | undefined {
  const date =
    typeof value === 'number' ? new Date(Math.round(value * 1000)) : new Date(typeof value === 'string' ? value : NaN);
  return Number.isNaN(date.getTime()) ? undefined : date;
}
