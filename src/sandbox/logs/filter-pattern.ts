// CloudWatch Logs' filter patterns: terms, phrases, exclusions and alternatives here, `{ … }` and `[ … ]` in files of their own.
// Pure. No pattern becomes a regular expression: a hostile one must not stop the sandbox.
import { brokenConstraint, invalidParameter } from './checks.ts';
import { unquote } from './condition.ts';
import { parseFieldsPattern } from './fields-pattern.ts';
import { parseJsonPattern } from './json-pattern.ts';

/** Whether a message matches. */
export type MessageFilter = (message: string) => boolean;

const maxLength = 1024;

/**
 * @param pattern empty: everything matches.
 * @throws InvalidParameterException as AWS for what it cannot read; also for `%regular expressions%`, which this sandbox lacks.
 */
export function parseFilterPattern(pattern: string): MessageFilter {
  if (pattern.length > maxLength)
    throw brokenConstraint('filterPattern', pattern, `have length less than or equal to ${maxLength}`);
  const text = pattern.trim();
  if (text.startsWith('{')) {
    if (!text.endsWith('}')) throw invalidParameter("If a filter pattern starts with '{' it must end with '}'");
    return parseJsonPattern(text.slice(1, -1));
  }
  if (text.startsWith('[')) {
    if (!text.endsWith(']')) throw invalidParameter("If a filter pattern starts with '[' it must end with ']'");
    return parseFieldsPattern(text.slice(1, -1));
  }
  return parseTerms(text);
}

/** Case counts, and a term may be part of a word. `?a ?b` is either; beside other terms AWS ignores the ones with `?`. */
function parseTerms(text: string): MessageFilter {
  const terms = { '': [] as string[], '-': [] as string[], '?': [] as string[] };
  const term = /\s*([-?]?)\s*(?:"((?:[^"\\]|\\.)*)"|([^\s"]+))/gy;
  while (term.lastIndex < text.length) {
    const [, sign = '', quoted, plain] = term.exec(text) ?? [];
    if (quoted === undefined && plain === undefined) throw invalidParameter('Invalid filter pattern');
    if (plain?.startsWith('%'))
      throw invalidParameter('the ecsdemo sandbox does not offer regular expressions in filter patterns');
    if (plain !== undefined && !/^[\p{L}\p{N}_]+$/u.test(plain))
      throw invalidParameter(`Invalid character(s) in term '${plain}'`);
    terms[sign as keyof typeof terms].push(plain ?? unquote(quoted ?? ''));
  }
  const { '': wanted, '-': unwanted, '?': either } = terms;
  return (message) => {
    const has = (one: string): boolean => message.includes(one);
    if (wanted.length === 0 && unwanted.length === 0) return either.length === 0 || either.some(has);
    return wanted.every(has) && !unwanted.some(has);
  };
}
