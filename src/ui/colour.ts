// Whether a stream takes colour, and the few colours there are. Decided per stream: stderr may be a terminal while
// stdout is a pipe. Knows nothing of what is written.

import { visible } from '../base/quoted.ts';

export interface StreamLike {
  isTTY?: boolean | undefined;
  columns?: number | undefined;
}

export type Environment = Readonly<Record<string, string | undefined>>;

export type Style = 'bold' | 'dim' | 'red' | 'green' | 'yellow' | 'cyan';

/** Wraps text in a style, or gives it back as it is. */
export type Paint = (style: Style, text: string) => string;

const codes: Record<Style, readonly [number, number]> = {
  bold: [1, 22],
  dim: [2, 22],
  red: [31, 39],
  green: [32, 39],
  yellow: [33, 39],
  cyan: [36, 39],
};

export const plain: Paint = (_style, text) => text;

const coloured: Paint = (style, text) =>
  text === '' ? '' : `\u001B[${codes[style][0]}m${text}\u001B[${codes[style][1]}m`;

const ownCodes = new RegExp(`(\\u001B\\[(?:${Object.values(codes).flat().join('|')})m)`);

/**
 * The last look at what goes to a stream: all that could move its cursor or turn its writing is shown as an escape, except
 * for the colours that `paint` gave.
 */
export function onScreen(text: string, paint: Paint): string {
  if (paint === plain) return visible(text);
  return text
    .split(ownCodes)
    .map((part, index) => (index % 2 === 1 ? part : visible(part)))
    .join('');
}

/**
 * A pipe or file is never coloured unless FORCE_COLOR asks for it; `wanted` is false with --no-color.
 * @see https://no-color.org, whose NO_COLOR counts when it is not empty
 */
export function paintFor(stream: StreamLike, env: Environment, wanted = true): Paint {
  if (!wanted || (env['NO_COLOR'] ?? '') !== '' || (env['ECSDEMO_NO_COLOR'] ?? '') !== '') return plain;
  const forced = env['FORCE_COLOR'];
  if (forced !== undefined) return forced === '0' || forced === 'false' ? plain : coloured;
  if (stream.isTTY !== true || env['TERM'] === 'dumb') return plain;
  return coloured;
}

/**
 * True when lines may be redrawn on the stream: a terminal that can move its cursor, and whose width is known (0 where
 * `expect` and `docker exec -t` open one: how many lines to clear cannot be told). FORCE_COLOR does not make one.
 */
export function isLive(stream: StreamLike, env: Environment): boolean {
  return stream.isTTY === true && stream.columns !== 0 && env['TERM'] !== 'dumb';
}
