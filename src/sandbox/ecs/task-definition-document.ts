// What a task definition may say and what registration makes of it: rules, defaults, and the attributes it requires.
// Pure; knows nothing of revisions or of the tasks that use it.
import type { ContainerDefinition, PortMapping, RegisterTaskDefinitionRequest } from '@aws-sdk/client-ecs';
import type { PortMapping as HostPortMapping, TaskDefinition } from './records.ts';
import { checkHealthCheck, checkTogether, checkWhole } from './container-rules.ts';
import { checkAwslogs } from './log-options.ts';
import { clientException } from './lookups.ts';

/** What the sandbox reads from a registered document; all else is kept and shown, and has no effect. */
export interface TaskDocument {
  networkMode: string;
  cpu?: string;
  memory?: string;
  containerDefinitions: (ContainerDefinition & { name: string; image: string; cpu: number; essential: boolean })[];
  placementConstraints: { type?: string; expression?: string }[];
  runtimePlatform?: { cpuArchitecture?: string };
  requiresCompatibilities: string[];
}

export function documentOf(taskDefinition: TaskDefinition): TaskDocument {
  return taskDefinition.document as unknown as TaskDocument;
}

/** The mappings of a container as the agent carries them out; hostPort 0 asks for a dynamic port. */
export function portMappingsOf(container: ContainerDefinition, networkMode: string): HostPortMapping[] {
  return (container.portMappings ?? []).map(({ containerPort = 0, hostPort = 0, protocol = 'tcp' }) => ({
    containerPort,
    hostPort: networkMode === 'bridge' ? hostPort : containerPort,
    protocol: protocol === 'udp' ? 'udp' : 'tcp',
  }));
}

/** CPU units and MiB that a task takes on its container instance: the task's own size, or the sum of its containers'. */
export function reservationOf(document: TaskDocument): { cpu: number; memory: number } {
  const sum = (of: (container: ContainerDefinition) => number): number =>
    document.containerDefinitions.reduce((total, container) => total + of(container), 0);
  return {
    cpu: document.cpu === undefined ? sum(({ cpu }) => cpu ?? 0) : parseCpu(document.cpu),
    memory:
      document.memory === undefined
        ? sum((one) => one.memoryReservation ?? one.memory ?? 0)
        : parseMemory(document.memory),
  };
}

/** GPUs that the task takes: a container says how many. */
export function gpusOf({ containerDefinitions }: TaskDocument): number {
  const wanted = containerDefinitions.flatMap(({ resourceRequirements = [] }) => resourceRequirements);
  return wanted.reduce((sum, { type, value }) => sum + (type === 'GPU' ? Number(value) : 0), 0);
}

/** '256' or '.25 vCPU', in CPU units; NaN when it is neither. */
function parseCpu(text: string): number {
  const match = /^(\d*\.?\d+)\s*vcpu$/i.exec(text.trim());
  return match ? Number(match[1]) * 1024 : /^\d+$/.test(text.trim()) ? Number(text) : Number.NaN;
}

/** '512' or '1 GB', in MiB; NaN when it is neither. */
function parseMemory(text: string): number {
  const match = /^(\d*\.?\d+)\s*gb$/i.exec(text.trim());
  return match ? Number(match[1]) * 1024 : /^\d+$/.test(text.trim()) ? Number(text) : Number.NaN;
}

function checkPorts(container: ContainerDefinition, networkMode: string): PortMapping[] {
  const seen = new Set<string>();
  return (container.portMappings ?? []).map((mapping) => {
    const { containerPort, hostPort, protocol = 'tcp' } = mapping;
    for (const [what, port] of [
      ['containerPort', containerPort],
      ['hostPort', hostPort],
    ] as const) {
      if (port !== undefined && (!Number.isInteger(port) || port < 0 || port > 65_535)) {
        throw clientException(
          `Invalid '${what}' setting for container '${container.name}': ${port}. Ports are 0 to 65535.`,
        );
      }
    }
    if (containerPort === undefined || containerPort === 0) {
      throw clientException(`Invalid 'containerPort' setting for container '${container.name}'`);
    }
    if (protocol !== 'tcp' && protocol !== 'udp') {
      throw clientException(
        `Invalid protocol '${String(protocol)}' in the port mappings of container '${container.name}'`,
      );
    }
    if (
      networkMode !== 'bridge' &&
      networkMode !== 'none' &&
      hostPort !== undefined &&
      hostPort !== 0 &&
      hostPort !== containerPort
    ) {
      throw clientException(
        `When networkMode=${networkMode}, the host ports and container ports in port mappings must match.`,
      );
    }
    const key = `${containerPort}/${protocol}`;
    if (seen.has(key))
      throw clientException(`Container '${container.name}' maps container port ${key} more than once.`);
    seen.add(key);
    return {
      ...mapping,
      containerPort,
      hostPort: networkMode === 'bridge' ? (hostPort ?? 0) : containerPort,
      protocol,
    };
  });
}

function checkSizes(container: ContainerDefinition, taskMemory: string | undefined): void {
  const { name, cpu, memory, memoryReservation, startTimeout, stopTimeout } = container;
  if (cpu !== undefined && (!Number.isInteger(cpu) || cpu < 0))
    throw clientException(`Invalid 'cpu' setting for container '${name}'`);
  for (const [what, value] of [
    ['memory', memory],
    ['memoryReservation', memoryReservation],
  ] as const) {
    if (value !== undefined && (!Number.isInteger(value) || value < 6)) {
      throw clientException(`Invalid '${what}' setting for container '${name}': the minimum is 6 MiB.`);
    }
  }
  if (memory === undefined && memoryReservation === undefined && taskMemory === undefined) {
    throw clientException(
      `Invalid setting for container '${name}'. At least one of 'memory' or 'memoryReservation' must be specified.`,
    );
  }
  if (memory !== undefined && memoryReservation !== undefined && memoryReservation > memory) {
    throw clientException(
      `Invalid setting for container '${name}'. 'memory' must be greater than or equal to 'memoryReservation'.`,
    );
  }
  // The 120 seconds of the documentation are Fargate's; the agent takes more.
  for (const [what, value] of [
    ['stopTimeout', stopTimeout],
    ['startTimeout', startTimeout],
  ] as const) {
    if (value !== undefined && (!Number.isInteger(value) || value < 0))
      throw clientException(`Invalid '${what}' setting for container '${name}'`);
  }
}

/**
 * The document as DescribeTaskDefinition will show it: checked, with the defaults that registration fills in.
 * @throws ClientException with ECS's wording for what cannot be registered.
 */
export function toDocument(input: RegisterTaskDefinitionRequest): TaskDocument {
  const { family, tags: _tags, containerDefinitions, ...rest } = input;
  if (family === undefined || family === '') throw clientException('Family should not be null or empty.');
  if (family.length > 255 || !/^[A-Za-z0-9_-]+$/.test(family)) {
    throw clientException('Invalid family: only letters, numbers, hyphens and underscores are allowed, 255 at most.');
  }
  if (!containerDefinitions || containerDefinitions.length === 0)
    throw clientException('Container list cannot be empty.');
  const compatibilities: string[] = input.requiresCompatibilities ?? [];
  for (const wanted of compatibilities) {
    if (!['EC2', 'FARGATE', 'EXTERNAL'].includes(wanted))
      throw clientException(`Invalid requiresCompatibilities value: ${wanted}.`);
  }
  const networkMode: string = input.networkMode ?? (compatibilities.includes('FARGATE') ? 'awsvpc' : 'bridge');
  if (!['bridge', 'host', 'none', 'awsvpc'].includes(networkMode))
    throw clientException(`Invalid networkMode: ${networkMode}.`);
  if (compatibilities.includes('FARGATE') && networkMode !== 'awsvpc') {
    throw clientException('Fargate only supports network mode ‘awsvpc’.');
  }
  if (input.cpu !== undefined && Number.isNaN(parseCpu(input.cpu)))
    throw clientException("Invalid 'cpu' setting for task.");
  if (input.memory !== undefined && Number.isNaN(parseMemory(input.memory)))
    throw clientException("Invalid 'memory' setting for task.");

  checkWhole(input);
  const names = new Set<string>();
  const containers = containerDefinitions.map((container) => {
    checkAwslogs(container);
    const { name = '', image = '' } = container;
    if (name === '') throw clientException('Container.name should not be null or empty.');
    if (name.length > 255 || !/^[A-Za-z0-9_-]+$/.test(name)) {
      throw clientException(
        `Invalid container name '${name}': only letters, numbers, hyphens and underscores are allowed.`,
      );
    }
    if (names.has(name)) throw clientException(`Container name '${name}' is used more than once.`);
    names.add(name);
    if (image === '') throw clientException('Container.image should not be null or empty.');
    if (/\s/.test(image) || image.length > 255)
      throw clientException(`Container.image contains invalid characters: ${image}.`);
    checkSizes(container, input.memory);
    return {
      ...container,
      name,
      image,
      cpu: container.cpu ?? 0,
      portMappings: checkPorts(container, networkMode),
      essential: container.essential ?? true,
      ...(container.healthCheck && { healthCheck: checkHealthCheck(name, container.healthCheck) }),
      environment: [...(container.environment ?? [])].sort((a, b) => ((a.name ?? '') < (b.name ?? '') ? -1 : 1)),
      mountPoints: container.mountPoints ?? [],
      volumesFrom: container.volumesFrom ?? [],
      systemControls: container.systemControls ?? [],
    };
  });
  if (!containers.some(({ essential }) => essential)) {
    throw clientException('Invalid setting for container: at least one container must be essential.');
  }
  checkTogether(containers, networkMode, input.volumes ?? []);
  return {
    ...rest,
    containerDefinitions: containers,
    networkMode,
    volumes: input.volumes ?? [],
    placementConstraints: input.placementConstraints ?? [],
    requiresCompatibilities: compatibilities,
  } as TaskDocument;
}

const capability = 'com.amazonaws.ecs.capability.';

/** Names of the attributes a container instance must have, as registration derives them from the settings used. */
export function requiredAttributes(
  document: TaskDocument & { taskRoleArn?: string; executionRoleArn?: string },
): string[] {
  const names = new Set<string>();
  for (const container of document.containerDefinitions) {
    if (container.memoryReservation !== undefined) names.add(`${capability}docker-remote-api.1.21`);
    const driver = container.logConfiguration?.logDriver;
    if (driver !== undefined) {
      names.add(`${capability}logging-driver.${driver}`);
      names.add(`${capability}docker-remote-api.${driver === 'awslogs' ? '1.19' : '1.18'}`);
    }
    if (container.privileged) names.add(`${capability}privileged-container`);
    if (container.dependsOn?.length) names.add('ecs.capability.container-ordering');
    if (container.healthCheck) names.add('ecs.capability.container-health-check');
    if (/^\d+\.dkr\.ecr\./.test(container.image)) names.add(`${capability}ecr-auth`);
  }
  if (document.taskRoleArn !== undefined) names.add(`${capability}task-iam-role`);
  if (document.networkMode === 'awsvpc') names.add('ecs.capability.task-eni');
  return [...names].sort();
}

/** Launch types the document could run on, as DescribeTaskDefinition's `compatibilities`. */
export function compatibilitiesOf(document: TaskDocument): ('EC2' | 'EXTERNAL' | 'FARGATE')[] {
  if (document.networkMode !== 'awsvpc') return ['EXTERNAL', 'EC2'];
  return document.cpu !== undefined && document.memory !== undefined ? ['EC2', 'FARGATE'] : ['EC2'];
}
