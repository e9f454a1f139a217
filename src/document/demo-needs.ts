// What a document needs for the demo beyond what ECS takes: somebody to visit, on EC2, with every blank filled in. Pure.
import type { ContainerDefinition, Tag } from '@aws-sdk/client-ecs';
import { quoted } from '../base/quoted.ts';
import type { JsonPath } from './json-lines.ts';
import { isSameServed, servable } from './served.ts';
import type { Registration } from './task-definition-document.ts';

/** In which the load balancer reaches a task: behind Docker's bridge, on the container instance itself, on an interface of its own. */
const networkModes: readonly string[] = ['bridge', 'host', 'awsvpc'];

interface Unmet {
  path: JsonPath;
  /** The end of the sentence 'the file, line 7, …'. */
  words: string;
}

/** The first of them; undefined: the demo can run it. */
export function firstUnmet(register: Registration, tags: readonly Tag[]): Unmet | undefined {
  return unfit(register) ?? unserved(register.containerDefinitions) ?? placeholder(register) ?? badTag(tags);
}

function unfit({ networkMode = 'bridge', requiresCompatibilities = [] }: Registration): Unmet | undefined {
  if (!networkModes.includes(networkMode)) {
    const words = `has networkMode ${quoted(networkMode)}; the load balancer reaches "bridge" (as without any), "host" and "awsvpc"`;
    return { path: ['networkMode'], words };
  }
  if (requiresCompatibilities.length > 0 && !requiresCompatibilities.includes('EC2')) {
    const words = `has requiresCompatibilities ${JSON.stringify(requiresCompatibilities)}; the demo runs on EC2 container instances: make it ["EC2", "FARGATE"], or leave it out`;
    return { path: ['requiresCompatibilities'], words };
  }
  return undefined;
}

/** What people may write in angle brackets and mean it. */
const freeText: readonly string[] = ['command', 'entryPoint', 'environment', 'healthCheck', 'dockerLabels'];

/** The first text that a pipeline or a person was to fill in: "<REGION>", "arn:aws:iam::${ACCOUNT}:role/x". */
function placeholder(value: unknown, path: JsonPath = []): Unmet | undefined {
  if (typeof value === 'string') {
    if (!/^<[^<>]+>$|^\$\{[^{}]+\}$|^arn:.*[<>{}]/.test(value)) return undefined;
    const name = path.findLast((key) => typeof key === 'string');
    return {
      path,
      words: `has ${name} ${quoted(value)}, a placeholder that nobody has filled in: write the value itself`,
    };
  }
  if (typeof value !== 'object' || value === null) return undefined;
  for (const [key, inner] of Object.entries(value)) {
    const found = freeText.includes(key)
      ? undefined
      : placeholder(inner, [...path, Array.isArray(value) ? Number(key) : key]);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** Of one resource; three are ecsdemo's own. */
const mostTags = 50 - 3;

/** As ECS takes them, in words; the sandbox has AWS's (sandbox/tags.ts). */
function badTag(tags: readonly Tag[]): Unmet | undefined {
  if (tags.length > mostTags)
    return { path: ['tags'], words: `has ${tags.length} tags; with ecsdemo's own AWS takes ${mostTags}` };
  for (const [index, { key = '', value = '' }] of tags.entries()) {
    const path = ['tags', index];
    if (key === '' || key.length > 128 || value.length > 256)
      return {
        path,
        words: `has a tag ${quoted(key)}, whose key is not 1 to 128 characters or whose value is more than 256`,
      };
    if (!/^[\p{L}\p{Z}\p{N}_.:/=+\-@]*$/u.test(key + value))
      return {
        path,
        words: `has a tag ${quoted(key)} = ${quoted(value)}, which is not letters, digits, blanks and _ . : / = + - @ only`,
      };
    if (tags.findIndex((tag) => tag.key === key) !== index) return { path, words: `has a second tag ${quoted(key)}` };
  }
  return undefined;
}

function unserved(containers: readonly ContainerDefinition[]): Unmet | undefined {
  const served = servable(containers);
  const path = ['containerDefinitions'];
  const twice = served.find((one, index) => served.slice(0, index).some((other) => isSameServed(one, other)));
  if (twice !== undefined) {
    const words = `maps containerPort ${twice.containerPort} of container ${quoted(twice.containerName)} twice, which no service with a load balancer takes: leave one of them out`;
    return { path: [...path, containers.findIndex(({ name }) => name === twice.containerName), 'portMappings'], words };
  }
  if (served.length > 0) return undefined;
  const [udp] = containers.flatMap(({ portMappings = [] }) => portMappings);
  if (udp?.containerPort === undefined) {
    const words =
      'maps no container port: the load balancer needs one, such as "portMappings": [{ "containerPort": 80 }]';
    return { path, words };
  }
  return { path, words: `maps only ${udp.protocol} port ${udp.containerPort}; the load balancer needs tcp` };
}
