// A person's own task definition file, read and held to everything that can be known before the first call: what it is, the
// API's shapes, ECS's rules, and what the demo needs.
import { join } from 'node:path';
import {
  type ContainerDefinition,
  RegisterTaskDefinitionRequest$,
  type Tag,
  TaskDefinition$,
} from '@aws-sdk/client-ecs';
import { NormalizedSchema } from '@smithy/core/schema';
import { EcsdemoError } from '../base/errors.ts';
import { packageRoot } from '../base/package-root.ts';
import { quoted } from '../base/quoted.ts';
import { readDocument } from './document-file.ts';
import { readDocumentText } from './document-text.ts';
import type { Lines } from './json-lines.ts';
import { firstBroken } from './rules.ts';
import { findMisfit } from './schema-check.ts';
import { type Choice, chosen, isSameServed, type Served, servable } from './served.ts';
import { findDefinition } from './shapes.ts';
import type { Registration } from './task-definition-document.ts';
import { Unusable } from './unusable.ts';

export interface TaskDefinitionFile {
  register: Registration;
  tags: Tag[];
  /** What the load balancer may talk to, the best first; not empty. */
  served: Served[];
}

/** @throws EcsdemoError `template-invalid` naming file, line and what to change; `usage` for a choice that is not in it */
export async function readTaskDefinitionFile(file: string, choice: Choice): Promise<TaskDefinitionFile> {
  let lines: Lines | undefined;
  try {
    const text = await readDocumentText(readDocument(file), file);
    lines = text;
    const { register, tags } = checked(text.value, file);
    const served = chosen(servable(register.containerDefinitions), choice);
    return { register, tags, served };
  } catch (error) {
    if (!(error instanceof Unusable)) throw error;
    const { path, line = path && lines?.lineOf(path), suggestions } = error.place;
    const at = line === undefined ? '' : `, line ${line},`;
    throw new EcsdemoError('template-invalid', `task definition file ${quoted(file)}${at} ${error.message}`, {
      suggestions: suggestions ?? (lines === undefined && line === undefined ? startAfresh() : changing(line)),
    });
  }
}

const changing = (line: number | undefined) => [
  { flags: {}, note: `once ${line === undefined ? 'the file' : `line ${line}`} is changed` },
];

function startAfresh() {
  const template = join(packageRoot(), 'templates', 'task-definition.json');
  return [
    `cp '${template}' .   # the tutorial's own, to start from`,
    { flags: { 'task-definition': './task-definition.json' } },
  ];
}

/** The tags that only AWS writes, and those by which ecsdemo knows its own, are no part of a document. */
const ownTag = /^(aws|ecsdemo):/i;

function checked(value: unknown, file: string): Pick<TaskDefinitionFile, 'register' | 'tags'> {
  const { document, at } = findDefinition(value, file);
  const known = new Set(names(RegisterTaskDefinitionRequest$));
  // Members of a description that registration does not take (revision, status …) are AWS's own.
  const described = new Set(names(TaskDefinition$));
  const given = Object.fromEntries(
    Object.entries(document).filter(([member]) => known.has(member) || !described.has(member)),
  );
  const misfit = findMisfit(given, RegisterTaskDefinitionRequest$);
  if (misfit !== undefined) throw new Unusable(misfit.why, { path: at(misfit.path) });
  const { family: _, tags = [], ...register } = given as unknown as Registration & { family?: string; tags?: Tag[] };
  // The family is the demo's own, which is right.
  const broken = firstBroken({ ...register, family: 'demo' }) ?? unfit(register);
  if (broken !== undefined) throw new Unusable(broken.words, broken.path.length === 0 ? {} : { path: at(broken.path) });
  return { register, tags: tags.filter(({ key = '' }) => !ownTag.test(key)) };
}

function names(schema: typeof TaskDefinition$): string[] {
  return [...NormalizedSchema.of(schema).structIterator()].map(([name]) => name);
}

/** In which the load balancer reaches a task: behind Docker's bridge, on the container instance itself, on an interface of its own. */
const networkModes: readonly string[] = ['bridge', 'host', 'awsvpc'];

/** What ECS takes and the demo cannot do. */
function unfit({ networkMode = 'bridge', requiresCompatibilities = [], containerDefinitions }: Registration) {
  if (!networkModes.includes(networkMode)) {
    const words = `has networkMode ${quoted(networkMode)}; the load balancer reaches "bridge" (as without any), "host" and "awsvpc"`;
    return { path: ['networkMode'], words };
  }
  if (requiresCompatibilities.length > 0 && !requiresCompatibilities.includes('EC2')) {
    const words = `has requiresCompatibilities ${JSON.stringify(requiresCompatibilities)}; the demo runs on EC2 container instances: make it ["EC2", "FARGATE"], or leave it out`;
    return { path: ['requiresCompatibilities'], words };
  }
  return unserved(containerDefinitions);
}

function unserved(containers: readonly ContainerDefinition[]) {
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
