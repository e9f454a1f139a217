// awsQuery and ec2Query requests → plain objects, by schema. `Filter.1.Value.1=x` is first made a tree, then read.
// Knows nothing of HTTP.
import { wordsOf } from './error-words.ts';
import { readText } from './read-text.ts';
import type { WireService } from './service.ts';
import { requiredMembers, setOwn, type Shape } from './shape.ts';

interface Node {
  text: string | undefined;
  children: Map<string, Node>;
}

/** Deeper than any shape of these services; stops a hostile key from building a deep tree. */
const maxDepth = 32;

/** The form's parameters by name, each once: the last wins, as on AWS. */
export function readForm(body: string): Map<string, string> {
  return new Map(new URLSearchParams(body));
}

/**
 * @returns the input with Date for timestamps and Uint8Array for blobs; members that were not sent are absent.
 * @throws AwsError for a missing required member or a value of the wrong type.
 */
export function readQuery(service: WireService, shape: Shape, form: Map<string, string>): Record<string, unknown> {
  if (shape.isUnitSchema()) return {};
  const root: Node = { text: undefined, children: new Map() };
  for (const [key, text] of form) {
    const parts = key.split('.');
    if (parts.length > maxDepth)
      throw wordsOf(service).unreadable(`the parameter name ${key.slice(0, 80)}… is nested too deeply`);
    let node = root;
    for (const part of parts) {
      let child = node.children.get(part);
      if (child === undefined) {
        child = { text: undefined, children: new Map() };
        node.children.set(part, child);
      }
      node = child;
    }
    node.text = text;
  }
  return readStruct(service, shape, root, '');
}

/** How the member is spelled in a request. EC2 capitalises and has a trait of its own for exceptions. */
function memberKey(service: WireService, name: string, shape: Shape): string {
  const traits = shape.getMergedTraits() as { xmlName?: string; ec2QueryName?: string };
  if (service.protocol !== 'ec2') return traits.xmlName ?? name;
  if (traits.ec2QueryName !== undefined) return traits.ec2QueryName;
  const key = traits.xmlName ?? name;
  return key.charAt(0).toUpperCase() + key.slice(1);
}

/** Members that mean something when they are empty: a tag's value, a description that is taken away. */
const mayBeEmpty = new Set(['Value', 'Description']);

/**
 * Was the member sent at all? `Placement.AvailabilityZone=` is how clients that fill a form say that they have nothing to
 * say (Terraform's provider does), and AWS takes it as not sent. A required text is sent even so: its operation judges it.
 */
function isSent(name: string, member: Shape, node: Node, required: boolean): boolean {
  if (node.text !== '' || node.children.size > 0) return true;
  if (member.isStringSchema()) return required || mayBeEmpty.has(name);
  return member.isListSchema() || member.isMapSchema() || member.isBlobSchema();
}

function readStruct(service: WireService, shape: Shape, node: Node, path: string): Record<string, unknown> {
  const result: Record<string, unknown> = {};
  const required = requiredMembers(shape);
  for (const [name, member] of shape.structIterator()) {
    const key = memberKey(service, name, member);
    const child = node.children.get(key);
    const childPath = path === '' ? key : `${path}.${key}`;
    if (child !== undefined && isSent(name, member, child, required.includes(name)))
      setOwn(result, name, readNode(service, member, child, childPath));
    else if (required.includes(name)) throw wordsOf(service).missingMember(childPath);
  }
  return result;
}

function readNode(service: WireService, shape: Shape, node: Node, path: string): unknown {
  if (shape.isStructSchema()) return readStruct(service, shape, node, path);
  if (shape.isListSchema()) return readList(service, shape, node, path);
  if (shape.isMapSchema()) return readMap(service, shape, node, path);
  return readText(service, shape, node.text ?? '', path);
}

/** The numbered children in order; gaps are allowed, as on AWS. */
function numbered(node: Node): [number, Node][] {
  return [...node.children]
    .filter(([key]) => /^[1-9]\d{0,6}$/.test(key))
    .map(([key, child]): [number, Node] => [Number(key), child])
    .sort(([a], [b]) => a - b);
}

function readList(service: WireService, shape: Shape, node: Node, path: string): unknown[] {
  const member = shape.getValueSchema();
  const traits = shape.getMergedTraits() as { xmlFlattened?: unknown };
  const name = (member.getMergedTraits() as { xmlName?: string }).xmlName ?? 'member';
  const flat = service.protocol === 'ec2' || Boolean(traits.xmlFlattened);
  const container = flat ? node : (node.children.get(name) ?? node.children.get('member'));
  if (container === undefined) return [];
  return numbered(container).map(([index, child]) =>
    readNode(service, member, child, `${path}.${flat ? '' : `${name}.`}${index}`),
  );
}

function readMap(service: WireService, shape: Shape, node: Node, path: string): Record<string, unknown> {
  const keyName = (shape.getKeySchema().getMergedTraits() as { xmlName?: string }).xmlName ?? 'key';
  const valueShape = shape.getValueSchema();
  const valueName = (valueShape.getMergedTraits() as { xmlName?: string }).xmlName ?? 'value';
  const flat = Boolean((shape.getMergedTraits() as { xmlFlattened?: unknown }).xmlFlattened);
  const container = flat ? node : node.children.get('entry');
  const result: Record<string, unknown> = {};
  for (const [index, entry] of container === undefined ? [] : numbered(container)) {
    const value = entry.children.get(valueName);
    if (value !== undefined) {
      const key = entry.children.get(keyName)?.text ?? '';
      setOwn(result, key, readNode(service, valueShape, value, `${path}.${index}.${valueName}`));
    }
  }
  return result;
}
