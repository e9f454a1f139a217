// What registration makes of a task definition: defaults, and the attributes it requires. What it may say: document/rules.ts.
// Pure; knows nothing of revisions or of the tasks that use it.
import type { ContainerDefinition, HealthCheck, PortMapping, RegisterTaskDefinitionRequest } from '@aws-sdk/client-ecs';
import { cpuUnits, mebibytes } from '../../document/amounts.ts';
import { firstBroken } from '../../document/rules.ts';
import { networkModeOf } from '../../document/rules/rule.ts';
import type { PortMapping as HostPortMapping, TaskDefinition } from './records.ts';
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
  return (container.portMappings ?? []).flatMap(({ containerPort, hostPort = 0, protocol = 'tcp' }) =>
    // A range is shown and not carried out: no stand-in listens on more than one port.
    containerPort === undefined
      ? []
      : {
          containerPort,
          hostPort: networkMode === 'bridge' ? hostPort : containerPort,
          protocol: protocol === 'udp' ? 'udp' : 'tcp',
        },
  );
}

/** CPU units and MiB that a task takes on its container instance: the task's own size, or the sum of its containers'. */
export function reservationOf(document: TaskDocument): { cpu: number; memory: number } {
  const sum = (of: (container: ContainerDefinition) => number): number =>
    document.containerDefinitions.reduce((total, container) => total + of(container), 0);
  return {
    cpu: document.cpu === undefined ? sum(({ cpu }) => cpu ?? 0) : cpuUnits(document.cpu),
    memory:
      document.memory === undefined
        ? sum((one) => one.memoryReservation ?? one.memory ?? 0)
        : mebibytes(document.memory),
  };
}

/** GPUs that the task takes: a container says how many. */
export function gpusOf({ containerDefinitions }: TaskDocument): number {
  const wanted = containerDefinitions.flatMap(({ resourceRequirements = [] }) => resourceRequirements);
  return wanted.reduce((sum, { type, value }) => sum + (type === 'GPU' ? Number(value) : 0), 0);
}

/** The mappings as they are shown: in bridge mode 0 asks for any free port of the instance, elsewhere there is one port only. */
function shownMappings({ portMappings = [] }: ContainerDefinition, networkMode: string): PortMapping[] {
  return portMappings.map((mapping) => {
    const { containerPort, hostPort = 0, protocol = 'tcp' } = mapping;
    if (containerPort === undefined) return { ...mapping, protocol };
    return { ...mapping, hostPort: networkMode === 'bridge' ? hostPort : containerPort, protocol };
  });
}

/** With the defaults that are shown; startPeriod has none. */
function shownHealthCheck(healthCheck: HealthCheck): HealthCheck {
  return { interval: 30, timeout: 5, retries: 3, ...healthCheck };
}

/**
 * The document as DescribeTaskDefinition will show it: checked, with the defaults that registration fills in.
 * @throws ClientException in ECS's words for what cannot be registered.
 */
export function toDocument(input: RegisterTaskDefinitionRequest): TaskDocument {
  const broken = firstBroken(input);
  if (broken !== undefined) throw clientException(broken.ecs);
  const { family: _family, tags: _tags, containerDefinitions = [], cpu, memory, ...rest } = input;
  const networkMode = networkModeOf(input);
  return {
    ...rest,
    // Units are not kept (RegisterTaskDefinition).
    ...(cpu !== undefined && { cpu: String(cpuUnits(cpu)) }),
    ...(memory !== undefined && { memory: String(mebibytes(memory)) }),
    containerDefinitions: containerDefinitions.map((container) => ({
      ...container,
      cpu: container.cpu ?? 0,
      portMappings: shownMappings(container, networkMode),
      essential: container.essential ?? true,
      ...(container.healthCheck && { healthCheck: shownHealthCheck(container.healthCheck) }),
      environment: [...(container.environment ?? [])].sort((a, b) => ((a.name ?? '') < (b.name ?? '') ? -1 : 1)),
      mountPoints: container.mountPoints ?? [],
      volumesFrom: container.volumesFrom ?? [],
      systemControls: container.systemControls ?? [],
    })),
    networkMode,
    volumes: input.volumes ?? [],
    placementConstraints: input.placementConstraints ?? [],
    requiresCompatibilities: input.requiresCompatibilities ?? [],
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
