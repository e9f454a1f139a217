// A YAML text as the value that it holds, and where things are in it. CloudFormation's short forms (!Ref x) become its long
// ones ({ "Ref": "x" }). Knows nothing of what the value means.
import {
  type Document,
  isCollection,
  isScalar,
  LineCounter,
  type Node,
  Pair,
  parseDocument,
  visit,
  type YAMLParseError,
} from 'yaml';
import type { JsonPath, Lines } from './json-lines.ts';
import { Unusable } from './unusable.ts';

/** @throws Unusable when it is no YAML, or more than one document */
export function readYaml(text: string): Lines & { value: unknown } {
  const lineCounter = new LineCounter();
  const lineAt = (offset: number): number => lineCounter.linePos(offset).line;
  let document: Document.Parsed;
  let value: unknown;
  try {
    document = parseDocument(text, { lineCounter, logLevel: 'error', prettyErrors: false, merge: true });
    const [mistake] = document.errors;
    if (mistake !== undefined) throw new Unusable(wordsOf(mistake), { line: lineAt(mistake.pos[0]) });
    writeOut(document);
    value = document.toJS({ maxAliasCount: 100 });
  } catch (error) {
    if (error instanceof Unusable) throw error;
    // Aliases that would fill the memory.
    throw new Unusable(`is not YAML: ${(error as Error).message}`);
  }
  return {
    value,
    lineOf(path: JsonPath): number {
      for (let length = path.length; length > 0; length--) {
        const parent = document.getIn(path.slice(0, length - 1), true);
        const key = path[length - 1];
        if (!isCollection(parent)) continue;
        const item = parent.items.find((each, index) =>
          each instanceof Pair ? isScalar(each.key) && each.key.value === key : index === key,
        );
        const node = (item instanceof Pair ? item.key : item) as Node | undefined;
        if (node?.range) return lineAt(node.range[0]);
      }
      return lineAt(document.contents?.range?.[0] ?? 0);
    },
  };
}

function wordsOf({ code, message }: YAMLParseError): string {
  if (code === 'MULTIPLE_DOCS') return 'begins a second document: put the task definition into a file of its own';
  if (code === 'RESOURCE_EXHAUSTION') return 'is nested too deep; no task definition is';
  return `is not YAML: ${message.replace(/[.:]?$/, '')}`;
}

/** Each short form in place of itself, with its line. */
function writeOut(document: Document.Parsed): void {
  visit(document, {
    Node(_, node) {
      const [, name] = /^!([A-Za-z]+)$/.exec(('tag' in node ? node.tag : undefined) ?? '') ?? [];
      if (name === undefined) return undefined;
      const plain = node.clone() as Node & { tag?: string };
      delete plain.tag;
      const call = document.createNode({ [name === 'Ref' ? name : `Fn::${name}`]: plain });
      if (node.range) call.range = node.range;
      return call;
    },
  });
}
