// Whether a stream takes colour, and the few colours there are. Decided per stream: stderr may be a terminal while
// stdout is a pipe. Knows nothing of what is written.

import { visible } from '../base/quoted.ts';
import { inAscii } from './ascii.ts';

export interface StreamLike {
  isTTY?: boolean | undefined;
  columns?: number | undefined;
}

export type Environment = Readonly<Record<string, string | undefined>>;

export type Style = 'bold' | 'dim' | 'red' | 'green' | 'yellow';

/** Wraps text in a style, or gives it back as it is. */
export type Paint = (style: Style, text: string) => string;

/**
 * Text is never coloured, since no colour is readable on black and on white alike: what matters is bold. Colours are for
 * marks, whose shapes say the same, and are of the fixed ones of the 256 (the first 16 are every theme's own): on white at
 * least 4.5 to 1, on black 3.9 to 1, as test/ui/terminal.test.ts computes it.
 */
export const marked = { red: 160, green: 28, yellow: 130 } as const;

const codes: Record<Style, readonly [string, string]> = {
  bold: ['1', '22'],
  dim: ['2', '22'],
  red: [`38;5;${marked.red}`, '39'],
  green: [`38;5;${marked.green}`, '39'],
  yellow: [`38;5;${marked.yellow}`, '39'],
};

export const plain: Paint = (_style, text) => text;

const coloured: Paint = (style, text) =>
  text === '' ? '' : `\u001B[${codes[style][0]}m${text}\u001B[${codes[style][1]}m`;

const ownCodes = new RegExp(`(\\u001B\\[(?:${Object.values(codes).flat().join('|')})m)`);

/**
 * The last look at what goes to a stream: all that could move its cursor or turn its writing is shown as an escape, except
 * for the colours that `paint` gave.
 * @param ascii our own marks must do without what ASCII has not
 */
export function onScreen(text: string, paint: Paint, ascii = false): string {
  const shown = (part: string): string => (ascii ? inAscii(visible(part)) : visible(part));
  if (paint === plain) return shown(text);
  return text
    .split(ownCodes)
    .map((part, index) => (index % 2 === 1 ? part : shown(part)))
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
