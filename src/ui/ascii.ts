// Which characters a terminal or a log can show: where the locale has no more than ASCII, our marks are replaced by plain
// ones. What came from an account or a task is not touched. Pure.
import type { Environment } from './colour.ts';

/**
 * True where the locale says that it has none but ASCII's, or other characters than ours. Nothing said means nothing: most
 * containers have no locale, and are shown on screens that can do all.
 */
export function wantsAscii(env: Environment): boolean {
  if (env['TERM'] === 'linux') return true;
  const locale =
    [env['LC_ALL'], env['LC_CTYPE'], env['LANG']].find((value) => value !== undefined && value !== '') ?? '';
  const [, charset] = /\.([^@]+)/.exec(locale) ?? [];
  return charset === undefined ? /^(C|POSIX)$/.test(locale) : !/^utf-?8$/i.test(charset);
}

const plainMarks: Readonly<Record<string, string>> = { '✔': '+', '✖': 'x', '–': '-', '·': '.', '→': '>', '×': 'x' };
const ours = new RegExp(`[${Object.keys(plainMarks).join('')}]`, 'g');

/** Of the same width, but for an ellipsis that stands for itself; one that cuts a word off is a tilde. */
export function inAscii(text: string): string {
  return text
    .replaceAll(ours, (mark) => plainMarks[mark] ?? mark)
    .replaceAll(/(?<=[\w:])…/g, '~')
    .replaceAll('…', '...');
}
