// What one task asks of the container instance it is to run on, read from its task definition: as a file says it, or as
// ECS describes it. Pure; knows nothing of what there is.
import type { RegisterTaskDefinitionCommandInput, TaskDefinition } from '@aws-sdk/client-ecs';
import { cpuUnits, mebibytes } from '../../document/amounts.ts';

export interface TaskNeeds {
  /** CPU units, 1024 to a processor. */
  cpu: number;
  /** MiB that are reserved: the container's `memoryReservation` where it has one. */
  memory: number;
  gpus: number;
  /** 'tcp/8080': host ports of its own choosing. Two tasks with one of them cannot share an instance. */
  hostPorts: readonly string[];
  /** As container instances say it: 'x86_64', 'arm64'. Undefined: any. */
  architecture: string | undefined;
  /** 'linux' or 'windows'; undefined: any. */
  os: string | undefined;
  /** In the cluster query language; the instance must meet all. */
  constraints: readonly string[];
  /** True: no two tasks of the service on one instance. */
  distinct: boolean;
  /** Names of the attributes that the instance must have; known only of what is registered. */
  attributes: readonly string[];
  /** True for the network mode awsvpc: a network interface for itself. */
  ownInterface: boolean;
  /** With the network mode host every port is one of the instance's: there is none for ECS to choose. @default false */
  hostNetwork?: boolean;
}

type Definition = Pick<
  RegisterTaskDefinitionCommandInput | TaskDefinition,
  'containerDefinitions' | 'cpu' | 'memory' | 'networkMode' | 'placementConstraints' | 'runtimePlatform'
> & { requiresAttributes?: TaskDefinition['requiresAttributes'] };

/** @param constraints placement constraints of the service, which count as well */
export function needsOf(
  definition: Definition,
  constraints: readonly { type?: string | undefined; expression?: string | undefined }[] = [],
): TaskNeeds {
  const { containerDefinitions = [], networkMode, placementConstraints = [], runtimePlatform } = definition;
  const sum = (of: (container: (typeof containerDefinitions)[number]) => number): number =>
    containerDefinitions.reduce((total, container) => total + of(container), 0);
  const all = [...constraints, ...placementConstraints];
  const ports = containerDefinitions.flatMap(({ portMappings = [] }) =>
    portMappings.map(({ containerPort = 0, hostPort = 0, protocol = 'tcp' }) => ({
      protocol,
      // With `host` the program listens on the instance itself.
      port: networkMode === 'host' ? containerPort : hostPort,
    })),
  );
  return {
    cpu: definition.cpu === undefined ? sum(({ cpu }) => cpu ?? 0) : cpuUnits(definition.cpu),
    memory:
      definition.memory === undefined
        ? sum(({ memory, memoryReservation }) => memoryReservation ?? memory ?? 0)
        : mebibytes(definition.memory),
    gpus: sum(({ resourceRequirements = [] }) =>
      resourceRequirements.reduce((total, { type, value }) => total + (type === 'GPU' ? Number(value) : 0), 0),
    ),
    hostPorts:
      networkMode === 'awsvpc'
        ? []
        : ports.filter(({ port }) => port !== 0).map(({ protocol, port }) => `${protocol}/${port}`),
    architecture: runtimePlatform?.cpuArchitecture?.toLowerCase(),
    os: runtimePlatform?.operatingSystemFamily?.split('_')[0]?.toLowerCase(),
    constraints: all.flatMap(({ type, expression }) => (type === 'memberOf' && expression ? [expression] : [])),
    distinct: all.some(({ type }) => type === 'distinctInstance'),
    attributes: (definition.requiresAttributes ?? []).flatMap(({ name }) => name ?? []),
    ownInterface: networkMode === 'awsvpc',
    hostNetwork: networkMode === 'host',
  };
}
