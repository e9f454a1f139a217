// The task definition that is wanted: the template, or a person's own file, checked before any call to AWS.
// Pure apart from reading that file; compares documents the way ECS sees them.
import { join } from 'node:path';
import {
  type ContainerDefinition,
  type RegisterTaskDefinitionCommandInput,
  RegisterTaskDefinitionRequest$,
  type TaskDefinition,
  TaskDefinition$,
} from '@aws-sdk/client-ecs';
import { EcsdemoError } from '../base/errors.ts';
import { packageRoot, readTemplate } from '../base/package-root.ts';
import { quoted } from '../base/quoted.ts';
import { nearest } from '../base/nearest.ts';
import type { Settings } from '../base/settings.ts';
import { readDocument, Unreadable } from './document-file.ts';
import { jsonLines, type JsonPath } from './json-lines.ts';
import { findMisfit } from './schema-check.ts';

/** What RegisterTaskDefinition is given, and the container that the load balancer talks to. */
export interface TaskDefinitionDocument {
  register: Omit<RegisterTaskDefinitionCommandInput, 'tags'> & {
    family: string;
    containerDefinitions: ContainerDefinition[];
  };
  containerName: string;
  containerPort: number;
}

/**
 * Reads and checks the document.
 * @param family the demo's own: the file's is not used, so that the revisions can be found again by name.
 * @throws EcsdemoError `template-invalid` naming file, line and what to change.
 */
export function loadTaskDefinition(settings: Settings, family: string): TaskDefinitionDocument {
  const file = settings.taskDefinitionFile;
  const source = file ?? 'templates/task-definition.json';
  const text = file === undefined ? readTemplate('task-definition.json') : readText(file);
  const parsed = parseJson(text, source);
  const document = checked(parsed, text, source);
  const [web] = document.containerDefinitions.filter(({ portMappings }) => (portMappings ?? []).length > 0);
  if (file === undefined && web !== undefined) {
    if (settings.image !== undefined) web.image = settings.image;
    if (settings.command !== undefined) web.command = settings.command;
    const [mapping] = web.portMappings ?? [];
    if (settings.containerPort !== undefined && mapping !== undefined) mapping.containerPort = settings.containerPort;
  }
  const mapping = web?.portMappings?.[0];
  return {
    register: { ...document, family },
    containerName: web?.name ?? '',
    containerPort: mapping?.containerPort ?? 0,
  };
}

function readText(file: string): string {
  try {
    return readDocument(file);
  } catch (error) {
    if (!(error instanceof Unreadable)) throw error;
    throw invalid(file, undefined, error.message);
  }
}

function parseJson(text: string, source: string): unknown {
  if (text.trim() === '') throw invalid(source, undefined, 'is empty');
  try {
    return JSON.parse(text) as unknown;
  } catch (error) {
    const said = (error as Error).message.replace(
      / in JSON at position \d+.*$| \(line.*$|, (\.\.\.)?".*"(\.\.\.)? is not valid JSON$/s,
      '',
    );
    throw invalid(source, jsonLines(text).mistake, `is not JSON: ${said}`);
  }
}

function invalid(source: string, line: number | undefined, why: string): EcsdemoError {
  const at = line === undefined ? '' : `, line ${line},`;
  const template = join(packageRoot(), 'templates', 'task-definition.json');
  return new EcsdemoError('template-invalid', `task definition file ${quoted(source)}${at} ${why}`, {
    suggestions: [
      `cp '${template}' .   # the tutorial's own, to start from`,
      { flags: { 'task-definition': './task-definition.json' } },
    ],
  });
}

/** What ECS takes for one task definition (service quotas of ECS). */
const maxDocumentBytes = 64 * 1024;
const maxDepth = 50;
/** MiB; Docker starts no container with less (aws-facts §2.1). */
const leastMemory = 6;

/** In which the load balancer reaches a task: behind Docker's bridge, on the container instance itself, on an interface of its own. */
const networkModes: readonly unknown[] = ['bridge', 'host', 'awsvpc'];

type CheckedDocument = RegisterTaskDefinitionCommandInput & { containerDefinitions: ContainerDefinition[] };
type Refuse = (path: JsonPath, why: string) => never;
type Fields = Record<string, unknown>;

function isObject(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Checks what the demo relies on and what ECS would refuse for sure; the rest is ECS's to judge. */
function checked(parsed: unknown, text: string, source: string): CheckedDocument {
  const lines = jsonLines(text);
  if (lines.depth > maxDepth) throw invalid(source, undefined, `is nested ${lines.depth} deep; no task definition is`);
  // `aws ecs describe-task-definition` wraps the document; people save its output.
  const wrapped = isObject(parsed) && 'taskDefinition' in parsed;
  const document: unknown = wrapped ? parsed['taskDefinition'] : parsed;
  const refuse: Refuse = (path, why) => {
    throw invalid(source, lines.lineOf(wrapped ? ['taskDefinition', ...path] : path), why);
  };
  if (!isObject(document)) return refuse([], 'is not a JSON object');
  const containers = document['containerDefinitions'];
  if (!Array.isArray(containers) || containers.length === 0) {
    const meant = Object.keys(document).find(
      (member) =>
        member !== 'containerDefinitions' && nearest(member.toLowerCase(), ['containerdefinitions']) !== undefined,
    );
    return refuse(
      [meant ?? 'containerDefinitions'],
      `has no containerDefinitions${meant === undefined ? '' : `, but ${quoted(meant)}`}`,
    );
  }
  const networkMode = document['networkMode'] ?? 'bridge';
  if (!networkModes.includes(networkMode)) {
    refuse(
      ['networkMode'],
      `has networkMode ${JSON.stringify(networkMode)}; the load balancer reaches "bridge" (as without any), "host" and "awsvpc"`,
    );
  }
  const compatibilities = document['requiresCompatibilities'] ?? [];
  const forEc2 = Array.isArray(compatibilities) && (compatibilities.length === 0 || compatibilities.includes('EC2'));
  if (!forEc2) {
    refuse(
      ['requiresCompatibilities'],
      `has requiresCompatibilities ${JSON.stringify(compatibilities)}; the demo runs on EC2 container instances: make it ["EC2", "FARGATE"], or leave it out`,
    );
  }
  for (const member of ['cpu', 'memory'] as const) {
    const amount = document[member];
    if (amount !== undefined && Number.isNaN(taskAmount(amount))) {
      refuse(
        [member],
        `has ${member} ${JSON.stringify(amount)}, which is not an amount such as "${member === 'cpu' ? '256' : '512'}"`,
      );
    }
  }
  for (const [index, container] of (containers as unknown[]).entries()) {
    const path = ['containerDefinitions', index] as const;
    if (!isObject(container)) refuse(path, `has a container ${index + 1} that is not a JSON object`);
    else checkContainer(container, path, document['memory'] !== undefined, refuse);
  }
  const checkedDocument = document as unknown as CheckedDocument;
  const misfit = findMisfit(
    document,
    wrapped || 'revision' in document ? TaskDefinition$ : RegisterTaskDefinitionRequest$,
  );
  if (misfit !== undefined) refuse(misfit.path, misfit.why);
  checkTogether(checkedDocument.containerDefinitions, refuse);
  const known = new Set<string>(registerMembers);
  const taken = Object.fromEntries(Object.entries(checkedDocument).filter(([member]) => known.has(member)));
  const bytes = Buffer.byteLength(JSON.stringify(taken));
  if (bytes > maxDocumentBytes)
    throw invalid(source, undefined, `is ${Math.ceil(bytes / 1024)} KiB large without its blanks; ECS takes 64 KiB`);
  return structuredClone(taken) as CheckedDocument;
}

/** What no container can say alone. */
function checkTogether(containers: readonly ContainerDefinition[], refuse: Refuse): void {
  const names = containers.map(({ name }) => name);
  const twice = names.findIndex((name, index) => names.indexOf(name) !== index);
  if (twice >= 0)
    refuse(
      ['containerDefinitions', twice, 'name'],
      `has a second container ${JSON.stringify(names[twice])}; each needs a name of its own`,
    );
  if (containers.every(({ essential }) => essential === false))
    refuse(['containerDefinitions'], 'has no essential container; ECS needs one');
  const web = containers.findIndex(({ portMappings }) => (portMappings ?? []).length > 0);
  const [mapping] = containers[web]?.portMappings ?? [];
  if (mapping === undefined)
    return refuse(['containerDefinitions'], 'maps no container port: the load balancer needs one');
  if ((mapping.protocol ?? 'tcp') !== 'tcp') {
    refuse(
      ['containerDefinitions', web, 'portMappings', 0],
      `maps ${mapping.protocol} port ${mapping.containerPort} first; the load balancer needs tcp`,
    );
  }
}

function checkContainer(container: Fields, path: JsonPath, taskHasMemory: boolean, refuse: Refuse): void {
  const {
    name,
    image,
    command,
    portMappings = [],
  } = container as { name?: unknown; image?: unknown; command?: unknown; portMappings?: unknown };
  if (typeof name !== 'string' || !/^[A-Za-z0-9_-]{1,255}$/.test(name)) {
    return refuse(
      [...path, 'name'],
      `has a container name ${JSON.stringify(name ?? '')} that is not 1 to 255 letters, digits, hyphens and underscores`,
    );
  }
  const what = `container "${name}"`;
  if (typeof image !== 'string' || image === '') refuse([...path, 'image'], `has no image for ${what}`);
  if (container['memory'] === undefined && container['memoryReservation'] === undefined && !taskHasMemory) {
    refuse(path, `has neither memory nor memoryReservation for ${what}`);
  }
  for (const member of ['cpu', 'memory', 'memoryReservation']) {
    const value = container[member];
    if (value !== undefined && (!Number.isInteger(value) || (value as number) < 0)) {
      refuse([...path, member], `has ${member} ${JSON.stringify(value)} for ${what}, which is not a whole number`);
    }
    if (member !== 'cpu' && value !== undefined && (value as number) < leastMemory) {
      refuse(
        [...path, member],
        `has ${member} ${JSON.stringify(value)} for ${what}; ECS takes ${leastMemory} MiB and more`,
      );
    }
  }
  if (command !== undefined && !(Array.isArray(command) && command.every((word) => typeof word === 'string'))) {
    refuse([...path, 'command'], `has a command for ${what} that is not a list of strings`);
  }
  if (!Array.isArray(portMappings))
    return refuse([...path, 'portMappings'], `has portMappings for ${what} that are not a list`);
  for (const [index, mapping] of (portMappings as unknown[]).entries()) {
    const at = [...path, 'portMappings', index];
    if (!isObject(mapping)) return refuse(at, `has a port mapping for ${what} that is not a JSON object`);
    checkPort(mapping['containerPort'], 1, [...at, 'containerPort'], `containerPort`, what, refuse);
    checkPort(mapping['hostPort'] ?? 0, 0, [...at, 'hostPort'], `hostPort`, what, refuse);
  }
}

function checkPort(port: unknown, least: number, path: JsonPath, member: string, what: string, refuse: Refuse): void {
  if (Number.isInteger(port) && (port as number) >= least && (port as number) <= 65_535) return;
  refuse(path, `has ${member} ${JSON.stringify(port)} for ${what}, which is not a port`);
}

/** CPU units or MiB of a task: ECS takes 256, "256", "1 vCPU", "2 GB" and keeps the plain number (RegisterTaskDefinition). */
function taskAmount(value: unknown): number {
  const [, number, unit] = /^(\d+(?:\.\d+)?)\s*(vcpu|gb)?$/i.exec(String(value)) ?? [];
  return number === undefined ? Number.NaN : Number(number) * (unit === undefined ? 1 : 1024);
}

/** What RegisterTaskDefinition takes; the rest of a described document (revision, status …) is AWS's own. */
const registerMembers = [
  'taskRoleArn',
  'executionRoleArn',
  'networkMode',
  'containerDefinitions',
  'volumes',
  'placementConstraints',
  'requiresCompatibilities',
  'cpu',
  'memory',
  'pidMode',
  'ipcMode',
  'proxyConfiguration',
  'inferenceAccelerators',
  'ephemeralStorage',
  'runtimePlatform',
  'enableFaultInjection',
] as const;

/**
 * True when registering `wanted` would make a revision equal to `registered`, by ECS's defaults:
 * hostPort absent is 0 (the container's port in the modes host and awsvpc), protocol tcp, cpu 0, essential true, empty
 * lists and objects are absent, environment and secrets are sets, a health check has its defaults, "1 vCPU" is 1024 (aws-facts §2.1).
 */
export function isSameDefinition(registered: TaskDefinition, wanted: TaskDefinitionDocument): boolean {
  return JSON.stringify(canonical(registered)) === JSON.stringify(canonical(wanted.register));
}

function canonical(document: TaskDefinition | RegisterTaskDefinitionCommandInput): unknown {
  const picked = Object.fromEntries(
    registerMembers.map((member) => [member, (document as Record<string, unknown>)[member]] as const),
  ) as Partial<CheckedDocument>;
  const isBridge = (picked.networkMode ?? 'bridge') === 'bridge';
  return ordered({
    ...picked,
    networkMode: picked.networkMode ?? 'bridge',
    // EC2 is what the service asks for anyway: naming it or not makes no difference.
    requiresCompatibilities: undefined,
    ...(picked.cpu === undefined ? {} : { cpu: taskAmount(picked.cpu) }),
    ...(picked.memory === undefined ? {} : { memory: taskAmount(picked.memory) }),
    enableFaultInjection: picked.enableFaultInjection === true ? true : undefined,
    containerDefinitions: (picked.containerDefinitions ?? []).map((container) => ({
      ...container,
      cpu: container.cpu ?? 0,
      essential: container.essential ?? true,
      environment: container.environment?.toSorted(byName),
      secrets: container.secrets?.toSorted(byName),
      healthCheck:
        container.healthCheck === undefined
          ? undefined
          : { interval: 30, timeout: 5, retries: 3, ...container.healthCheck },
      portMappings: (container.portMappings ?? []).map((mapping) => ({
        ...mapping,
        // Without Docker's bridge there is nothing to map: ECS fills in the container's own port.
        hostPort: isBridge ? (mapping.hostPort ?? 0) : (mapping.containerPort ?? 0),
        protocol: mapping.protocol ?? 'tcp',
      })),
    })),
  });
}

function byName(one: { name?: string | undefined }, other: { name?: string | undefined }): number {
  const [name = '', otherName = ''] = [one.name, other.name];
  return name < otherName ? -1 : name > otherName ? 1 : 0;
}

/** True for what ECS fills in by itself where nothing was given. */
function isEmpty(value: unknown): boolean {
  return (
    value === undefined ||
    (Array.isArray(value) && value.length === 0) ||
    (isObject(value) && Object.keys(value).length === 0)
  );
}

/** Members in order, undefined and what is empty left out: what remains can be compared as text. */
function ordered(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(ordered);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .map(([name, member]) => [name, ordered(member)] as const)
      .filter(([, member]) => !isEmpty(member))
      .toSorted(([one], [other]) => (one < other ? -1 : 1)),
  );
}
