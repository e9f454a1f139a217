// Where things are in a JSON text: the line of every member, and of the first mistake. Node's JSON.parse says neither.
// Knows nothing of what the text means.
import { findNodeAtLocation, type ParseError, parseTree } from 'jsonc-parser';

/** Keys and indexes from the top: ['containerDefinitions', 1, 'name']. */
export type JsonPath = readonly (string | number)[];

export interface Lines {
  /** The line of the member at `path`, or of the nearest thing around it that exists; from 1. */
  lineOf(path: JsonPath): number;
}

export interface JsonLines extends Lines {
  /** The line of the first mistake in the syntax; undefined when there is none. */
  mistake: number | undefined;
  /** How many lists and objects lie within each other at most. */
  depth: number;
}

/** JSON as JSON.parse takes it, and comments, which editors colour and people write; not the rest that the library reads. */
const dialect = { disallowComments: false, allowTrailingComma: false, allowEmptyContent: false };

/** No document is nested like this; the library's recursion must not find out where the stack ends. */
const depthLimit = 500;

/** Reads the text. Never throws: what cannot be read is the mistake. */
export function jsonLines(text: string): JsonLines {
  const depth = depthOf(text);
  const errors: ParseError[] = [];
  const root = depth > depthLimit ? undefined : parseTree(text, errors, dialect);
  const [first] = errors;
  const lineAt = (offset: number): number => text.slice(0, offset).split('\n').length;
  return {
    depth,
    mistake: first === undefined ? undefined : lineAt(first.offset),
    lineOf(path) {
      for (let length = path.length; root !== undefined && length > 0; length--) {
        const node = findNodeAtLocation(root, path.slice(0, length));
        // A member starts where its name does.
        if (node !== undefined) return lineAt(node.parent?.type === 'property' ? node.parent.offset : node.offset);
      }
      return lineAt(root?.offset ?? 0);
    },
  };
}

/** Counted without recursion, brackets in strings left out; those in comments make no difference that matters. */
function depthOf(text: string): number {
  let depth = 0;
  let deepest = 0;
  for (const [token] of text.matchAll(/"(?:[^"\\]|\\.)*"|[[{]|[\]}]/gs)) {
    if (token === '{' || token === '[') deepest = Math.max(deepest, ++depth);
    else if (token === '}' || token === ']') depth--;
  }
  return deepest;
}
