// What was plainly meant by a value of the wrong type, as it is written right: people know Docker's and Compose's ways. Pure.
import type { NormalizedSchema } from '@smithy/core/schema';
import { commandWords } from '../base/flag-values.ts';
import type { JsonPath } from './json-lines.ts';

/**
 * @param schema what the value at `path` should have been
 * @returns what to write; undefined: nobody can tell
 */
export function meant(value: unknown, schema: NormalizedSchema, path: JsonPath): string | undefined {
  if (schema.isStringSchema())
    return typeof value === 'number' || typeof value === 'boolean' ? `"${value}"` : undefined;
  if (schema.isNumericSchema()) return typeof value === 'string' ? plainNumber(value) : undefined;
  if (schema.isBooleanSchema()) return typeof value === 'string' ? plainBoolean(value) : undefined;
  if (schema.isListSchema()) return list(value, schema.getValueSchema(), path);
  return path.includes('portMappings') ? portMapping(value) : undefined;
}

function plainNumber(text: string): string | undefined {
  const [, digits, unit = ''] = /^(\d{1,9})\s*([mg]?)(?:i?b)?$/i.exec(text.trim()) ?? [];
  if (digits === undefined) return undefined;
  if (unit === '') return `${digits} without quotes`;
  return `${Number(digits) * (unit.toLowerCase() === 'g' ? 1024 : 1)}, in MiB`;
}

function plainBoolean(text: string): string | undefined {
  if (/^(true|yes|on)$/i.test(text)) return 'true without quotes';
  return /^(false|no|off)$/i.test(text) ? 'false without quotes' : undefined;
}

function list(value: unknown, inner: NormalizedSchema, path: JsonPath): string | undefined {
  if (typeof value === 'string' && inner.isStringSchema())
    return JSON.stringify(words(value, path)).replaceAll('","', '", "');
  if (typeof value !== 'object' || value === null || !inner.isStructSchema()) return undefined;
  const members = new Set([...inner.structIterator()].map(([name]) => name));
  const [[name, text] = []] = Object.entries(value);
  if (name === undefined || members.has(name)) return '[ and ] around it';
  if (!members.has('name') || !members.has('value') || typeof text === 'object') return undefined;
  return `[{ "name": ${JSON.stringify(name)}, "value": ${JSON.stringify(String(text))} }]`;
}

/** A command is run as the words of its list, and a health check by a shell when it says so. */
function words(text: string, path: JsonPath): string[] {
  if (path.includes('healthCheck')) return ['CMD-SHELL', text];
  if (!['command', 'entryPoint'].includes(String(path.at(-1)))) return [text];
  try {
    return commandWords(text, '');
  } catch {
    return [text];
  }
}

/** '8080:80', as Compose has it, and 80. */
function portMapping(value: unknown): string | undefined {
  const [, host, container] = /^(?:(\d{1,5}):)?(\d{1,5})$/.exec(String(value)) ?? [];
  if (container === undefined) return undefined;
  return `{ "containerPort": ${container}${host === undefined ? '' : `, "hostPort": ${host}`} }`;
}
