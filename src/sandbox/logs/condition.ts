// One comparison of a filter pattern: `= "text*"`, `!= 403`, `> 1e3`. Pure.
import { invalidParameter } from './checks.ts';

export type Operator = '=' | '!=' | '<' | '>' | '<=' | '>=';

/** An operator and what stands behind it; `quoted` and `plain` as in the pattern. Sticky: for one place in a text. */
export const comparison = /\s*(<=|>=|!=|=|<|>)\s*(?:"((?:[^"\\]|\\.)*)"|([^\s"&|(){}[\]<>=!,]+))\s*/y;

/** What stands between double quotes, with `\"` and `\\` for these. */
export function unquote(quoted: string): string {
  return quoted.replace(/\\(["\\])/g, '$1');
}

const numeric = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;

/**
 * @param found the matched groups of `comparison`.
 * @returns whether a value of a message meets it. Text is compared in whole, `*` standing for anything.
 * @throws InvalidParameterException when something other than a number is to be less or greater.
 */
export function conditionOf(
  operator: Operator,
  wanted: { quoted?: string; plain?: string },
): (value: string | number) => boolean {
  const { quoted, plain = '' } = wanted;
  const number = quoted === undefined && numeric.test(plain) ? Number(plain) : undefined;
  if (operator === '=' || operator === '!=') {
    const text = quoted === undefined ? plain : unquote(quoted);
    return (value) => {
      const same =
        number !== undefined && (typeof value === 'number' || numeric.test(value))
          ? Number(value) === number
          : isLike(String(value), text);
      return same === (operator === '=');
    };
  }
  if (number === undefined) throw invalidParameter('Invalid filter pattern');
  return (value) => {
    if (typeof value === 'string' && !numeric.test(value)) return false;
    const is = Number(value);
    if (operator === '<') return is < number;
    if (operator === '>') return is > number;
    return operator === '<=' ? is <= number : is >= number;
  };
}

/** In one pass, however many stars there are. */
export function isLike(text: string, pattern: string): boolean {
  const [start = '', ...parts] = pattern.split('*');
  if (!text.startsWith(start)) return false;
  const end = parts.pop();
  if (end === undefined) return text === start;
  let at = start.length;
  for (const part of parts) {
    const found = text.indexOf(part, at);
    if (found < 0) return false;
    at = found + part.length;
  }
  return text.length - end.length >= at && text.endsWith(end);
}
