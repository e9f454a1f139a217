// Every suggestion that the sources can give, found in their syntax trees: object literals of the members of a Suggestion.
// Each is told by its file and by what it would print, with … for what is only known when it is given.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseAst } from 'vitest/node';

const root = fileURLToPath(new URL('../../src/', import.meta.url));

type Node = { type: string } & Record<string, unknown>;

const members = new Set(['command', 'args', 'flags', 'without', 'next', 'note', 'onSandbox', 'onAws', 'aws', 'text']);

function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && typeof (value as Node).type === 'string';
}

/** What an expression is as text; … for what is worked out. */
function textOf(node: unknown): string {
  if (!isNode(node)) return '…';
  if (node.type === 'Literal') return String(node['value']);
  if (node.type === 'TemplateLiteral') {
    const quasis = node['quasis'] as { value: { cooked: string } }[];
    return quasis.map(({ value }) => value.cooked).join('…');
  }
  return '…';
}

/** The members of an object literal by name; spread ones under '...'. */
function membersOf(node: Node): Map<string, unknown> {
  return new Map(
    (node['properties'] as Node[]).map((property) => {
      if (property.type === 'SpreadElement') return [`...${nameOf(property['argument'])}`, property['argument']];
      return [nameOf(property['key']), property['value']];
    }),
  );
}

function nameOf(node: unknown): string {
  if (!isNode(node)) return '';
  return node.type === 'Identifier' ? String(node['name']) : textOf(node);
}

function flagsText(node: unknown): string {
  if (!isNode(node) || node.type !== 'ObjectExpression') return node === undefined ? '' : ' …';
  return [...membersOf(node)]
    .map(([name, value]) => (textOf(value) === 'true' ? ` --${name}` : ` --${name} ${textOf(value)}`))
    .join('');
}

/** Undefined: it is no suggestion. */
function suggestionText(node: Node): string | undefined {
  const has = membersOf(node);
  const spread = [...has.keys()].filter((name) => name.startsWith('...'));
  const again = spread.some((name) => ['...sameAgain', '...ownVpc'].includes(name));
  if ([...has.keys()].some((name) => !name.startsWith('...') && !members.has(name))) return undefined;
  const note = has.has('note') ? ` # ${textOf(has.get('note'))}` : '';
  if (has.has('aws')) return `aws ${textOf(has.get('aws'))}${note}`;
  // A line for the shell has words in it.
  if (has.has('text')) return textOf(has.get('text')) === '' ? undefined : `${textOf(has.get('text'))}${note}`;
  if (has.has('command')) {
    // Another thing that is called so: a command of a container.
    const command = has.get('command');
    if (!isNode(command) || (command.type !== 'Literal' && !has.has('flags') && !has.has('args'))) return undefined;
    const args = has.has('args') ? ' …' : '';
    return `ecsdemo ${textOf(command)}${args}${flagsText(has.get('flags'))}${note}`;
  }
  if (has.has('flags')) return `(again)${flagsText(has.get('flags'))}${note}`;
  return again && spread.length === has.size - (has.has('note') ? 1 : 0) - (has.has('onAws') ? 1 : 0)
    ? `(again)${note}`
    : undefined;
}

function collect(node: unknown, found: (text: string) => void): void {
  if (Array.isArray(node)) {
    for (const each of node) collect(each, found);
    return;
  }
  if (!isNode(node)) return;
  if (node.type === 'ObjectExpression') {
    const text = suggestionText(node);
    if (text !== undefined) found(text);
  }
  for (const [key, value] of Object.entries(node)) if (key !== 'parent') collect(value, found);
}

/** 'aws/faults.ts: aws configure list # shows where they come from', in order, each once. */
export function suggestionsInSources(): string[] {
  const files = readdirSync(root, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.ts'));
  const texts = files.flatMap((file) => {
    const source = readFileSync(join(root, file), 'utf8');
    if (!/[sS]uggest|sameAgain|refuse/.test(source)) return [];
    const here: string[] = [];
    collect(parseAst(source, { lang: 'ts' }), (text) => here.push(`${file}: ${text}`));
    return here;
  });
  return [...new Set(texts)].toSorted();
}
