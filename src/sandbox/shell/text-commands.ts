// Commands of text alone, the same on an instance and in a container: echo, printf, cat, head, tail, wc, grep, true, false.
// Pure.
import { failure, success, type Output } from './output.ts';

function echo(words: readonly string[]): Output {
  const flags = /^-[neE]+$/.test(words[0] ?? '') ? (words[0] ?? '') : '';
  const text = words.slice(flags === '' ? 0 : 1).join(' ');
  return success((flags.includes('e') ? unescape(text) : text) + (flags.includes('n') ? '' : '\n'));
}

function unescape(text: string): string {
  return text.replaceAll('\\n', '\n').replaceAll('\\t', '\t');
}

function linesOf(text: string): string[] {
  return text === '' ? [] : text.replace(/\n$/, '').split('\n');
}

/** The first or last lines of standard input: `-n 3`, `-3`; ten without. Undefined for files. */
function end(
  words: readonly string[],
  stdin: string,
  cut: (lines: string[], count: number) => string[],
): Output | undefined {
  const count = /^(?:-n ?)?-?(\d+)$/.exec(words.join(' '))?.[1] ?? (words.length === 0 ? '10' : undefined);
  if (count === undefined) return undefined;
  return success(
    cut(linesOf(stdin), Number(count))
      .map((line) => `${line}\n`)
      .join(''),
  );
}

/**
 * Of standard input, with -q -v -i -c -x -E -F. Patterns are words, with `^`, `$`, `.` and alternatives: none can take
 * long. Undefined for any other, and for files.
 */
function grep(words: readonly string[], stdin: string): Output | undefined {
  const flags = words.filter((word) => word.startsWith('-')).join('');
  const patterns = words.filter((word) => !word.startsWith('-'));
  const [pattern = ''] = patterns;
  const literal = flags.includes('F');
  if (patterns.length !== 1 || /[^-qvicxEFe]/.test(flags) || (!literal && /[*+?()[\]{}]/.test(pattern)))
    return undefined;
  const source = literal
    ? pattern.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
    : pattern.replaceAll('\\|', '|').replace(/\\(?!\.)/g, '\\\\');
  const rule = new RegExp(flags.includes('x') ? `^(?:${source})$` : source, flags.includes('i') ? 'i' : '');
  const found = linesOf(stdin).filter((line) => rule.test(line) !== flags.includes('v'));
  const exitCode = found.length > 0 ? 0 : 1;
  if (flags.includes('q')) return { stdout: '', stderr: '', exitCode };
  if (flags.includes('c')) return { stdout: `${found.length}\n`, stderr: '', exitCode };
  return { stdout: found.map((line) => `${line}\n`).join(''), stderr: '', exitCode };
}

/** What the command puts out; undefined when it is not one of these, or uses what is not played. */
export function textCommand(words: readonly string[], stdin = ''): Output | undefined {
  const [name = '', ...rest] = words;
  switch (name) {
    case 'echo':
      return echo(rest);
    case 'printf':
      return success(unescape(rest.slice(1).reduce((text, value) => text.replace(/%[sd]/, value), rest[0] ?? '')));
    case 'cat':
      return rest.length === 0 || rest[0] === '-' ? success(stdin) : undefined;
    case 'head':
      return end(rest, stdin, (lines, count) => lines.slice(0, count));
    case 'tail':
      return end(rest, stdin, (lines, count) => lines.slice(Math.max(0, lines.length - count)));
    case 'wc':
      return rest.length === 1 && rest[0] === '-l' ? success(`${linesOf(stdin).length}\n`) : undefined;
    case 'grep':
      return grep(rest, stdin);
    case 'true':
      return success('');
    case 'false':
      return failure(1, '');
    default:
      return undefined;
  }
}
