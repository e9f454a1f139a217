// Filter patterns over JSON messages: `{ $.user.id = 1 && ($.actions[0] = "GET" || $.error IS NULL) }`. Pure.
import { invalidParameter } from './checks.ts';
import { comparison, conditionOf, type Operator } from './condition.ts';

type Test = (root: unknown) => boolean;

/** @param text what stands between the braces. @throws InvalidParameterException when it cannot be read. */
export function parseJsonPattern(text: string): (message: string) => boolean {
  let at = 0;

  function take(sticky: RegExp): RegExpExecArray | undefined {
    sticky.lastIndex = at;
    const found = sticky.exec(text) ?? undefined;
    if (found !== undefined) at = sticky.lastIndex;
    return found;
  }

  function alternatives(): Test {
    const tests = [conjunction()];
    while (take(/\s*\|\|/y)) tests.push(conjunction());
    return (root) => tests.some((test) => test(root));
  }

  function conjunction(): Test {
    const tests = [single()];
    while (take(/\s*&&/y)) tests.push(single());
    return (root) => tests.every((test) => test(root));
  }

  function single(): Test {
    if (take(/\s*\(/y)) {
      const inner = alternatives();
      if (!take(/\s*\)/y)) throw unreadable();
      return inner;
    }
    const selector = readSelector();
    const word = take(/\s+(IS\s+TRUE|IS\s+FALSE|IS\s+NULL|NOT\s+EXISTS|EXISTS)\b/iy)?.[1]?.toUpperCase();
    if (word !== undefined) return wordTest(selector, word);
    const [, operator, quoted, plain] = take(comparison) ?? [];
    if (operator === undefined) throw unreadable();
    const meets = conditionOf(operator as Operator, {
      ...(quoted !== undefined && { quoted }),
      ...(plain !== undefined && { plain }),
    });
    return (root) =>
      valuesAt(root, selector).some(
        (value) => (typeof value === 'string' || typeof value === 'number') && meets(value),
      );
  }

  /** The keys from the root on; `*` stands for each element of an array. */
  function readSelector(): string[] {
    if (!take(/\s*\$/y)) throw unreadable();
    const keys: string[] = [];
    for (;;) {
      const [, name, index, key] = take(/\.([\p{L}\p{N}_-]+)|\[(\d+|\*)\]|\[['"]([^'"]*)['"]\]/uy) ?? [];
      const next = name ?? index ?? key;
      if (next === undefined) break;
      keys.push(next);
    }
    if (keys.length === 0) throw unreadable();
    return keys;
  }

  const test = alternatives();
  if (text.slice(at).trim() !== '') throw unreadable();
  return (message) => {
    // Most messages are none, and need not be parsed to see it.
    if (!/^\s*[[{]/.test(message)) return false;
    try {
      return test(JSON.parse(message));
    } catch {
      return false;
    }
  };
}

function unreadable(): Error {
  return invalidParameter('Invalid filter pattern');
}

function wordTest(selector: string[], word: string): Test {
  const words = word.replace(/\s+/g, ' ');
  if (words === 'NOT EXISTS') return (root) => valuesAt(root, selector).length === 0;
  if (words === 'EXISTS') return (root) => valuesAt(root, selector).length > 0;
  const wanted = { 'IS TRUE': true, 'IS FALSE': false, 'IS NULL': null }[words];
  return (root) => valuesAt(root, selector).some((value) => value === wanted);
}

/** None when the way ends before the selector does. */
function valuesAt(root: unknown, selector: string[]): unknown[] {
  let values = [root];
  for (const key of selector) {
    values = values.flatMap((value): unknown[] => {
      if (typeof value !== 'object' || value === null) return [];
      if (key === '*' && Array.isArray(value)) return value;
      return Object.hasOwn(value, key) ? [(value as Record<string, unknown>)[key]] : [];
    });
  }
  return values;
}
