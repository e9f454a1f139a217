// The task definition that is wanted: the template, or a person's own file, checked before any call to AWS.
// Pure apart from reading that file; compares documents the way ECS sees them.
import { readFileSync } from 'node:fs';
import type { ContainerDefinition, RegisterTaskDefinitionCommandInput, TaskDefinition } from '@aws-sdk/client-ecs';
import { EcsdemoError } from '../base/errors.ts';
import { readTemplate } from '../base/package-root.ts';
import type { Settings } from '../base/settings.ts';

/** What RegisterTaskDefinition is given, and the container that the load balancer talks to. */
export interface TaskDefinitionDocument {
  register: Omit<RegisterTaskDefinitionCommandInput, 'tags'> & { family: string; containerDefinitions: ContainerDefinition[] };
  containerName: string;
  containerPort: number;
  /** What one task reserves on its container instance: CPU units and MiB. */
  cpu: number;
  memory: number;
  /** Host ports that the document fixes; a task with any fits an instance only once. */
  fixedHostPorts: number[];
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
  }
  const mapping = web?.portMappings?.[0];
  const fixedHostPorts = document.containerDefinitions.flatMap(({ portMappings }) =>
    (portMappings ?? []).map(({ hostPort }) => hostPort ?? 0).filter((port) => port !== 0),
  );
  return {
    register: { ...document, family },
    containerName: web?.name ?? '',
    containerPort: mapping?.containerPort ?? 0,
    cpu: Number(document.cpu ?? sum(document.containerDefinitions.map(({ cpu }) => cpu ?? 0))),
    memory: Number(
      document.memory ?? sum(document.containerDefinitions.map(({ memory, memoryReservation }) => memoryReservation ?? memory ?? 0)),
    ),
    fixedHostPorts,
  };
}

function sum(values: number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    const why = (error as NodeJS.ErrnoException).code === 'ENOENT' ? 'does not exist' : `cannot be read: ${(error as Error).message}`;
    throw new EcsdemoError('template-invalid', `task definition file "${file}" ${why}`, {
      suggestions: ['give the path of a JSON file: --task-definition ./task-definition.json'],
      cause: error,
    });
  }
}

function parseJson(text: string, source: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch (error) {
    const said = (error as Error).message;
    // V8 gives a character position; one is missing when the text ends too early.
    const position = Number(/position (\d+)/.exec(said)?.[1] ?? text.length);
    throw invalid(source, lineAt(text, position), `is not JSON: ${said.replace(/ in JSON at position \d+.*$| \(line.*$/, '')}`);
  }
}

function lineAt(text: string, position: number): number {
  return text.slice(0, position).split('\n').length;
}

function invalid(source: string, line: number | undefined, why: string): EcsdemoError {
  const at = line === undefined ? '' : `, line ${line},`;
  return new EcsdemoError('template-invalid', `task definition file "${source}"${at} ${why}`, {
    suggestions: ['aws ecs register-task-definition --generate-cli-skeleton', 'start from templates/task-definition.json'],
  });
}

/** The line of the first member of that name, to point at. */
function lineOf(text: string, member: string): number | undefined {
  const at = text.indexOf(`"${member}"`);
  return at < 0 ? undefined : lineAt(text, at);
}

type CheckedDocument = RegisterTaskDefinitionCommandInput & { containerDefinitions: ContainerDefinition[] };

function checked(parsed: unknown, text: string, source: string): CheckedDocument {
  const refuse = (member: string, why: string): never => {
    throw invalid(source, lineOf(text, member), why);
  };
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed)) throw invalid(source, 1, 'is not a JSON object');
  // `aws ecs describe-task-definition` wraps the document; people save its output.
  const document = ('taskDefinition' in parsed ? parsed.taskDefinition : parsed) as CheckedDocument;
  const containers = document.containerDefinitions;
  if (!Array.isArray(containers) || containers.length === 0) return refuse('containerDefinitions', 'has no containerDefinitions');
  if (document.networkMode !== undefined && document.networkMode !== 'bridge') {
    refuse('networkMode', `has networkMode "${document.networkMode}"; the demo's target group needs "bridge"`);
  }
  if (document.requiresCompatibilities?.includes('FARGATE')) {
    refuse('requiresCompatibilities', 'requires FARGATE; the demo runs on EC2 container instances');
  }
  for (const [index, container] of containers.entries()) {
    const what = `container ${container.name === undefined ? index + 1 : `"${container.name}"`}`;
    if (!/^[A-Za-z0-9_-]{1,255}$/.test(container.name ?? '')) {
      refuse('name', `has a container name "${container.name ?? ''}" that is not 1 to 255 letters, digits, hyphens and underscores`);
    }
    if (typeof container.image !== 'string' || container.image === '') refuse('image', `has no image for ${what}`);
    if (container.memory === undefined && container.memoryReservation === undefined && document.memory === undefined) {
      refuse('containerDefinitions', `has neither memory nor memoryReservation for ${what}`);
    }
    for (const member of ['cpu', 'memory', 'memoryReservation'] as const) {
      const value: unknown = container[member];
      if (value !== undefined && (!Number.isInteger(value) || (value as number) < 0)) {
        refuse(member, `has ${member} ${JSON.stringify(value)} for ${what}, which is not a whole number`);
      }
    }
    if (container.command !== undefined && !(Array.isArray(container.command) && container.command.every((word) => typeof word === 'string'))) {
      refuse('command', `has a command for ${what} that is not a list of strings`);
    }
    for (const mapping of container.portMappings ?? []) {
      for (const member of ['containerPort', 'hostPort'] as const) {
        const port: unknown = mapping[member] ?? (member === 'hostPort' ? 0 : undefined);
        if (!Number.isInteger(port) || (port as number) < (member === 'hostPort' ? 0 : 1) || (port as number) > 65_535) {
          refuse(member, `has ${member} ${JSON.stringify(port)} for ${what}, which is not a port`);
        }
      }
    }
  }
  if (!containers.some(({ portMappings }) => (portMappings ?? []).length > 0)) {
    refuse('containerDefinitions', 'maps no container port: the load balancer needs one');
  }
  const known = new Set<string>(registerMembers);
  const taken = Object.fromEntries(Object.entries(document).filter(([member]) => known.has(member)));
  return structuredClone(taken) as CheckedDocument;
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
 * hostPort absent is 0, protocol tcp, cpu 0, essential true, empty lists are absent, environment is a set (aws-facts §2.1).
 */
export function isSameDefinition(registered: TaskDefinition, wanted: TaskDefinitionDocument): boolean {
  return JSON.stringify(canonical(registered)) === JSON.stringify(canonical(wanted.register));
}

function canonical(document: TaskDefinition | RegisterTaskDefinitionCommandInput): unknown {
  const picked = Object.fromEntries(
    registerMembers.map((member) => [member, (document as Record<string, unknown>)[member]] as const),
  ) as Partial<CheckedDocument>;
  return ordered({
    ...picked,
    networkMode: picked.networkMode ?? 'bridge',
    // EC2 is what the service asks for anyway: naming it or not makes no difference.
    requiresCompatibilities: undefined,
    containerDefinitions: (picked.containerDefinitions ?? []).map((container) => ({
      ...container,
      cpu: container.cpu ?? 0,
      essential: container.essential ?? true,
      environment: container.environment?.toSorted((one, other) => (one.name ?? '').localeCompare(other.name ?? '')),
      portMappings: (container.portMappings ?? []).map((mapping) => ({
        ...mapping,
        hostPort: mapping.hostPort ?? 0,
        protocol: mapping.protocol ?? 'tcp',
      })),
    })),
  });
}

/** Members in order, undefined and empty lists left out: what remains can be compared as text. */
function ordered(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(ordered);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, member]) => member !== undefined && !(Array.isArray(member) && member.length === 0))
      .map(([name, member]) => [name, ordered(member)] as const)
      .toSorted(([one], [other]) => (one < other ? -1 : 1)),
  );
}
