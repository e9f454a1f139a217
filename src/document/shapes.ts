// What people keep task definitions in: the API's own document, the output of describe-task-definition, a list of containers,
// a CloudFormation template; and what they take for one. Finds the document in it, with API names. Pure.
import { RegisterTaskDefinitionRequest$ } from '@aws-sdk/client-ecs';
import { nearest } from '../base/nearest.ts';
import { pasteable, quoted } from '../base/quoted.ts';
import { present } from '../base/present.ts';
import type { SuggestedFlagsOnly, Suggestion } from '../base/suggestion.ts';
import { inApiNames } from './api-names.ts';
import type { JsonPath } from './json-lines.ts';
import { type Place, Unusable } from './unusable.ts';

type Fields = Record<string, unknown>;

export interface Found {
  /** With the API's names and without nulls; the types of its members are not checked. */
  document: Fields;
  /** Where the member of the document is in what was given. */
  at(path: JsonPath): JsonPath;
}

/** A value inside of what was given, and where the members of the document that it becomes are. */
interface Part {
  value: Fields;
  at(path: JsonPath): JsonPath;
  /** CloudFormation's: it takes numbers as texts and the other way round. */
  template?: true;
}

const type = 'AWS::ECS::TaskDefinition';

function isObject(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/**
 * The task definition in what a file holds.
 * @param file as it was named, for commands that take one out of several
 * @throws Unusable saying what it is instead
 */
export function findDefinition(given: unknown, file: string): Found {
  const part = partOf(given, [], file);
  if (part.template === true) refuseComputed(part);
  const { value, at } = inApiNames(part.value, RegisterTaskDefinitionRequest$, part.template === true);
  const document = value as Fields;
  if (!('containerDefinitions' in document)) throw withoutContainers(document, part);
  return { document, at: (path) => part.at(at(path)) };
}

function partOf(given: unknown, path: JsonPath, file: string): Part {
  if (Array.isArray(given)) return inList(given, path, file);
  if (!isObject(given)) throw new Unusable('is not a JSON object', { path });
  if ('taskDefinition' in given && !('containerDefinitions' in given)) return described(given, path, file);
  const { Type, Properties, Resources } = given;
  if (typeof Type === 'string' && isObject(Properties)) {
    if (Type !== type) throw notOne(`is a CloudFormation resource ${quoted(Type)}`, path, taskDefinitionOf(Properties));
    return { value: Properties, at: below([...path, 'Properties']), template: true };
  }
  if (isObject(Resources)) return inTemplate(Resources, [...path, 'Resources'], file);
  const service = serviceIn(given);
  if (service !== undefined) throw notOne('is a service', path, taskDefinitionOf(service));
  if (isContainer(given)) {
    const inside = below(path);
    return { value: { containerDefinitions: [given] }, at: (of) => inside(of.slice(2)) };
  }
  refuseOthers(given, path);
  return { value: given, at: below(path) };
}

const below =
  (above: JsonPath) =>
  (path: JsonPath): JsonPath => [...above, ...path];

/** Terraform keeps the list of containers in a file of its own; `jq -s` and scripts make lists of one. */
function inList(given: readonly unknown[], path: JsonPath, file: string): Part {
  if (given.length > 0 && given.every(isContainer)) {
    const inside = below(path);
    return { value: { containerDefinitions: [...given] }, at: (of) => inside(of.slice(1)) };
  }
  if (given.length === 1) return partOf(given[0], [...path, 0], file);
  if (given.length === 0) throw new Unusable('is an empty list, not a JSON object with containerDefinitions', { path });
  throw new Unusable(`is a list of ${given.length}, not a JSON object: ecsdemo runs one task definition`, {
    path,
    ...taking('.[0]', file),
  });
}

/** The output of describe-task-definition, with its tags beside; or something that names a task definition. */
function described(given: Fields, path: JsonPath, file: string): Part {
  const { taskDefinition, tags } = given;
  if (typeof taskDefinition === 'string')
    throw notOne(serviceIn(given) === undefined ? 'is the input of run-task' : 'is a service', path, taskDefinition);
  const inside = partOf(taskDefinition, [...path, 'taskDefinition'], file);
  if (tags === undefined || 'tags' in inside.value) return inside;
  return {
    ...inside,
    value: { ...inside.value, tags },
    at: (of) => (of[0] === 'tags' ? below(path)(of) : inside.at(of)),
  };
}

function inTemplate(resources: Fields, path: JsonPath, file: string): Part {
  const definitions = Object.keys(resources).filter((id) => {
    const resource = resources[id];
    return isObject(resource) && resource['Type'] === type;
  });
  const [only, ...more] = definitions;
  if (only === undefined) throw new Unusable(`is a CloudFormation template without an ${type}`, { path });
  if (more.length === 0) return partOf(resources[only], [...path, only], file);
  throw new Unusable(
    `is a CloudFormation template with ${definitions.length} task definitions (${definitions.join(', ')}): ecsdemo runs one`,
    {
      path,
      ...taking(`.Resources.${only}`, file),
    },
  );
}

/** How to take the first of several out of a file of JSON, and any other likewise. */
function taking(filter: string, file: string): Place {
  if (/\.ya?ml$/i.test(file)) return {};
  return { suggestions: [{ text: `jq ${pasteable(filter)} ${pasteable(file)} > task-definition.json` }, useIt] };
}

const useIt: SuggestedFlagsOnly = { flags: { 'task-definition': './task-definition.json' } };

/**
 * What writes the document of a task definition, and uses it. A file speaks of what is on AWS, also where it is to be run on
 * the sandbox.
 * @param name family, family:revision or ARN
 */
export function describing(name: string, note?: string): Suggestion[] {
  const aws = `ecs describe-task-definition --task-definition ${pasteable(name)} > task-definition.json`;
  return [
    present({ aws, next: useIt, onAws: true as const, note }),
    present({ text: `aws ${aws}`, onSandbox: true as const, note }),
    { ...useIt, onSandbox: true },
  ];
}

/** What is no task definition. @param name the one that it names */
function notOne(what: string, path: JsonPath, name: string | undefined): Unusable {
  if (name === undefined) return new Unusable(`${what}, not a task definition`, { path });
  return new Unusable(`${what}, not a task definition; the one that it names is ${quoted(name)}`, {
    path,
    suggestions: describing(name),
  });
}

/** A service as create-service takes it, describe-services shows it, or a template has it. */
function serviceIn(given: Fields): Fields | undefined {
  const [first] = Array.isArray(given['services']) ? (given['services'] as unknown[]) : [];
  if (isObject(first) && 'serviceName' in first) return first;
  const marks = ['serviceName', 'desiredCount', 'ServiceName', 'DesiredCount', 'serviceArn'];
  return 'containerDefinitions' in given || !marks.some((mark) => mark in given) ? undefined : given;
}

function taskDefinitionOf({ taskDefinition, TaskDefinition }: Fields): string | undefined {
  const name = taskDefinition ?? TaskDefinition;
  return typeof name === 'string' ? name : undefined;
}

function isContainer(value: unknown): boolean {
  if (!isObject(value) || 'containerDefinitions' in value || 'ContainerDefinitions' in value) return false;
  return ('image' in value && 'name' in value) || ('Image' in value && 'Name' in value);
}

/** Files of other programs that people also keep beside their code. */
function refuseOthers(given: Fields, path: JsonPath): void {
  const arns = given['taskDefinitionArns'];
  if (Array.isArray(arns)) {
    const last: unknown = arns.at(-1);
    throw notOne('is a list of task definitions’ ARNs', path, typeof last === 'string' ? last : undefined);
  }
  if (isObject(given['services'])) throw new Unusable('is a Docker Compose file, not a task definition', { path });
  if ('apiVersion' in given && 'kind' in given)
    throw new Unusable('is a Kubernetes manifest, not a task definition', { path });
}

/** What of a template CloudFormation alone can work out: a Ref, or an Fn::Something. */
function refuseComputed({ value, at }: Part): void {
  const find = (inner: unknown, path: JsonPath): { path: JsonPath; call: string } | undefined => {
    if (!isObject(inner) && !Array.isArray(inner)) return undefined;
    for (const [key, each] of Object.entries(inner)) {
      const here = [...path, Array.isArray(inner) ? Number(key) : key];
      const [name = '', ...others] = isObject(each) ? Object.keys(each) : [];
      const call = others.length === 0 && (name === 'Ref' || name.startsWith('Fn::'));
      if (call && isObject(each) && each['Ref'] !== 'AWS::NoValue') return { path: here, call: JSON.stringify(each) };
      const found = find(each, here);
      if (found !== undefined) return found;
    }
    return undefined;
  };
  const found = find(value, []);
  if (found === undefined) return;
  const { Family } = value;
  const family = typeof Family === 'string' ? Family : 'FAMILY';
  throw new Unusable(
    `has ${String(found.path.findLast((key) => typeof key === 'string'))} ${quoted(found.call).slice(1, -1)}, which only CloudFormation works out: write the value itself`,
    {
      path: at(found.path),
      suggestions: describing(family),
    },
  );
}

function withoutContainers(document: Fields, { at }: Part): Unusable {
  const meant = Object.keys(document).find(
    (member) => nearest(member.toLowerCase(), ['containerdefinitions']) !== undefined,
  );
  const instead = meant === undefined ? '' : `, but ${quoted(meant)}`;
  return new Unusable(`has no containerDefinitions${instead}`, { path: at([meant ?? 'containerDefinitions']) });
}
