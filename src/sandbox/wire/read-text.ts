// One simple value from the text that a query parameter, a header or a path carries, by its schema. Knows no protocol.
import { wordsOf } from './error-words.ts';
import type { WireService } from './service.ts';
import type { Shape } from './shape.ts';

/**
 * @returns Date for timestamps, Uint8Array for blobs.
 * @throws AwsError when the text is none of its type.
 */
export function readText(service: WireService, shape: Shape, text: string, path: string): unknown {
  if (shape.isBooleanSchema()) {
    if (text === 'true' || text === 'false') return text === 'true';
    throw wordsOf(service).wrongType(path, text, 'boolean');
  }
  if (shape.isNumericSchema()) {
    const number = text.trim() === '' ? NaN : Number(text);
    if (Number.isNaN(number) && text !== 'NaN') throw wordsOf(service).wrongType(path, text, 'integer');
    return number;
  }
  if (shape.isTimestampSchema()) {
    const date = /^-?\d+(\.\d+)?$/.test(text) ? new Date(Number(text) * 1000) : new Date(text);
    if (Number.isNaN(date.getTime())) throw wordsOf(service).wrongType(path, text, 'timestamp');
    return date;
  }
  if (shape.isBlobSchema()) return new Uint8Array(Buffer.from(text, 'base64'));
  return text;
}
