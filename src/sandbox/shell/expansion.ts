// What the words of a script come to: variables, substitutions, quotes and patterns. Knows no command.
import type { DoubleQuotedChild, Statement, Word, WordPart } from 'unbash';
import type { ShellEvent } from './interpreter.ts';
import type { Output } from './output.ts';

/** What is not offered: the command that uses it is refused as a whole. */
export class Refusal extends Error {}

/** Plays a part of a script; what happens on the way is told to whoever plays it. */
export type Part<Value> = Generator<ShellEvent, Value, Output | undefined>;

export interface ExpansionHost {
  files: ReadonlySet<string>;
  /** @throws Refusal */
  variable(name: string): string | undefined;
  /** What the commands write. @throws Refusal */
  substitute(commands: readonly Statement[]): Part<string>;
}

export function* expandAll(host: ExpansionHost, words: readonly Word[]): Part<string[]> {
  const expanded: string[] = [];
  for (const word of words) expanded.push(...(yield* expand(host, word)));
  return expanded;
}

/** One word; what an expansion outside quotes gives is split at white space, and gone when it is empty. */
export function* expand(host: ExpansionHost, word: Word): Part<string[]> {
  if (!word.parts) return [word.value];
  let fields: string[] = [];
  let open: string | undefined;
  let pattern = false;
  for (const part of word.parts) {
    const quoted =
      part.type !== 'SimpleExpansion' && part.type !== 'ParameterExpansion' && part.type !== 'CommandExpansion';
    const text = yield* expandPart(host, part);
    pattern ||= part.type === 'Glob';
    if (quoted) {
      open = (open ?? '') + text;
      continue;
    }
    const pieces = text.split(/\s+/);
    for (const [index, piece] of pieces.entries()) {
      if (index > 0 && open !== undefined) fields.push(open);
      if (index > 0) open = undefined;
      if (piece !== '') open = (open ?? '') + piece;
    }
  }
  if (open !== undefined) fields.push(open);
  if (pattern) fields = fields.flatMap((field) => matching(host, field));
  return fields;
}

/** The files that `*` and `?` stand for; the pattern itself when there are none. */
function matching(host: ExpansionHost, pattern: string): string[] {
  const found = [...host.files].filter((file) => fits(file, pattern, '[^/]')).toSorted();
  return found.length > 0 ? found : [pattern];
}

/** Does a text fit a pattern of `*` and `?`, each standing for `any`? A star more multiplies the work: few are played. */
export function fits(text: string, pattern: string, any = '[^]'): boolean {
  if (pattern.split('*').length > 5 || text.length > 1024) return false;
  const source = pattern
    .replace(/[.+^${}()|[\]\\]/g, '\\$&')
    .replaceAll('*', `${any}*`)
    .replaceAll('?', any);
  return new RegExp(`^${source}$`).test(text);
}

/** As in a here-document: one text, nothing split. */
export function* expandParts(host: ExpansionHost, parts: readonly WordPart[]): Part<string> {
  let text = '';
  for (const part of parts) text += yield* expandPart(host, part);
  return text;
}

function* expandPart(host: ExpansionHost, part: WordPart | DoubleQuotedChild): Part<string> {
  switch (part.type) {
    case 'Literal':
    case 'SingleQuoted':
    case 'AnsiCQuoted':
      return part.value;
    case 'DoubleQuoted':
    case 'LocaleString': {
      let text = '';
      for (const child of part.parts) text += yield* expandPart(host, child);
      return text;
    }
    case 'Glob':
      if (part.kind === 'bracket') return part.text;
      return part.value;
    case 'BraceExpansion':
      return part.text;
    case 'SimpleExpansion':
      return host.variable(part.text.slice(1)) ?? '';
    case 'ParameterExpansion': {
      if (part.prefix || part.index) throw new Refusal('this kind of expansion is not offered');
      const value = host.variable(part.parameter);
      if (!part.operation) return value ?? '';
      if (part.operation.type !== 'Default') throw new Refusal('this kind of expansion is not offered');
      const { operator, operand } = part.operation;
      const isSet = operator.startsWith(':') ? value !== undefined && value !== '' : value !== undefined;
      if (operator.endsWith('+')) return isSet ? (yield* expand(host, operand)).join(' ') : '';
      return isSet ? (value ?? '') : (yield* expand(host, operand)).join(' ');
    }
    case 'CommandExpansion':
      return (yield* host.substitute(part.script?.commands ?? [])).replace(/\n+$/, '');
    default:
      throw new Refusal('this kind of expansion is not offered');
  }
}
