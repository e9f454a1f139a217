// Where things are in a JSON text: the line of every member, and of the first mistake. Node's JSON.parse says neither.
// Knows nothing of what the text means.

/** Keys and indexes from the top: ['containerDefinitions', 1, 'name']. */
export type JsonPath = readonly (string | number)[];

export interface JsonLines {
  /** The line of the member at `path`, or of the nearest thing around it that exists; from 1. */
  lineOf(path: JsonPath): number;
  /** The line of the first mistake in the syntax; undefined when there is none. */
  mistake: number | undefined;
  /** How many lists and objects lie within each other at most. */
  depth: number;
}

class Mistake extends Error {}

/** Members further in are found by what they lie in. */
const deepest = 60;

const space = /[ \t\n\r]*/y;
const string = /"(?:[^"\\\u0000-\u001F]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"/y;
const scalar = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null/y;

/** Reads the text once. Never throws: what cannot be read is the mistake. */
export function jsonLines(text: string): JsonLines {
  const lines = new Map<string, number>();
  let at = 0;
  let counted = { at: 0, line: 1 };
  // `at` only grows: lines are counted on from where the last count ended.
  const line = (): number => {
    let found = counted.line;
    for (let next = text.indexOf('\n', counted.at); next !== -1 && next < at; next = text.indexOf('\n', next + 1)) found++;
    counted = { at, line: found };
    return found;
  };
  let depth = 0;
  const take = (pattern: RegExp): string | undefined => {
    pattern.lastIndex = at;
    const [found] = pattern.exec(text) ?? [];
    at += found?.length ?? 0;
    return found;
  };
  const skip = (): void => {
    take(space);
  };
  const expect = (char: string): void => {
    if (text[at] !== char) throw new Mistake();
    at++;
  };
  /** The members between `open` and `close`; `member` reads one of them. */
  const list = (close: string, member: (index: number) => void): void => {
    at++;
    skip();
    if (text[at] === close) {
      at++;
      return;
    }
    for (let index = 0; ; index++) {
      skip();
      member(index);
      skip();
      if (text[at] === close) {
        at++;
        return;
      }
      expect(',');
    }
  };
  const value = (path: JsonPath): void => {
    skip();
    depth = Math.max(depth, path.length);
    // Nobody asks for a line so far in, and a path of thousands of names takes its time to write.
    if (path.length <= deepest && !lines.has(key(path))) lines.set(key(path), line());
    if (text[at] === '{') {
      list('}', () => {
        const startsOn = line();
        const name = take(string);
        if (name === undefined) throw new Mistake();
        const inner = [...path, JSON.parse(name) as string];
        if (inner.length <= deepest) lines.set(key(inner), startsOn);
        skip();
        expect(':');
        value(inner);
      });
    } else if (text[at] === '[') list(']', (index) => value([...path, index]));
    else if (take(string) === undefined && take(scalar) === undefined) throw new Mistake();
  };
  let mistake: number | undefined;
  try {
    value([]);
    skip();
    if (at < text.length) throw new Mistake();
  } catch (error) {
    // A RangeError is a text nested deeper than the stack: where it stopped is as good a place as any.
    if (!(error instanceof Mistake) && !(error instanceof RangeError)) throw error;
    mistake = line();
  }
  return {
    mistake,
    depth,
    lineOf(path) {
      for (let length = path.length; length >= 0; length--) {
        const found = lines.get(key(path.slice(0, length)));
        if (found !== undefined) return found;
      }
      return 1;
    },
  };
}

function key(path: JsonPath): string {
  return JSON.stringify(path);
}
