// Container instances as callers see and manage them. They register themselves: see agents.ts.
import type {
  ContainerInstance as ApiContainerInstance,
  DeregisterContainerInstanceRequest,
  DeregisterContainerInstanceResponse,
  DescribeContainerInstancesRequest,
  DescribeContainerInstancesResponse,
  Failure,
  ListContainerInstancesRequest,
  ListContainerInstancesResponse,
  Resource,
  UpdateContainerInstancesStateRequest,
  UpdateContainerInstancesStateResponse,
} from '@aws-sdk/client-ecs';
import { dockerVersion, ecsAgentVersion } from '../ec2/images.ts';
import type { Context } from '../handler.ts';
import type { Cluster, ContainerInstance } from './records.ts';
import type { World } from '../world.ts';
import { remainingOf, tasksOn, type Resources } from './capacity.ts';
import { parseQuery } from './cluster-query.ts';
import { describeCluster, ecsArn, findContainerInstance, invalidParameter } from './lookups.ts';
import { checkReferences, pageOf } from './paging.ts';
import { stopTask } from './task-stop.ts';

function toResources({ cpu, memory, portsTcp, portsUdp }: Omit<Resources, 'interfaces'>): Resource[] {
  const numbers = { doubleValue: 0, longValue: 0 };
  return [
    { name: 'CPU', type: 'INTEGER', ...numbers, integerValue: cpu },
    { name: 'MEMORY', type: 'INTEGER', ...numbers, integerValue: memory },
    { name: 'PORTS', type: 'STRINGSET', ...numbers, integerValue: 0, stringSetValue: portsTcp.map(String) },
    { name: 'PORTS_UDP', type: 'STRINGSET', ...numbers, integerValue: 0, stringSetValue: portsUdp.map(String) },
  ];
}

function toApi(world: World, instance: ContainerInstance, withTags: boolean): ApiContainerInstance {
  const tasks = tasksOn(world, instance.containerInstanceArn);
  return {
    containerInstanceArn: instance.containerInstanceArn,
    ec2InstanceId: instance.ec2InstanceId,
    version: instance.version,
    versionInfo: { agentVersion: ecsAgentVersion, dockerVersion: `DockerVersion: ${dockerVersion}` },
    remainingResources: toResources(remainingOf(world, instance)),
    registeredResources: toResources(instance.registered),
    status: instance.status,
    agentConnected: instance.agentConnected,
    runningTasksCount: tasks.filter(({ lastStatus }) => lastStatus === 'RUNNING').length,
    pendingTasksCount: tasks.filter(({ lastStatus }) => ['PROVISIONING', 'PENDING', 'ACTIVATING'].includes(lastStatus))
      .length,
    attributes: instance.attributes,
    registeredAt: new Date(instance.registeredAt),
    attachments: [],
    tags: withTags ? instance.tags : [],
  };
}

/** `status` filters; without it INACTIVE ones are left out. `filter` is an expression of the cluster query language. */
export function ListContainerInstances(
  context: Context,
  input: ListContainerInstancesRequest,
): ListContainerInstancesResponse {
  const { world } = context;
  const cluster = describeCluster(world, input.cluster);
  const matches = input.filter ? parseQuery(input.filter) : undefined;
  const arns = Object.values(world.containerInstances)
    .filter(({ clusterArn }) => clusterArn === cluster.clusterArn)
    .filter(({ status }) => (input.status === undefined ? status !== 'INACTIVE' : status === input.status))
    .filter((instance) => matches?.(world, instance) ?? true)
    .map(({ containerInstanceArn }) => containerInstanceArn)
    .sort();
  const { entries, ...rest } = pageOf(arns, input);
  return { containerInstanceArns: entries, ...rest };
}

/** Each reference as the record, or as the failure that stands for it. */
function resolve(
  world: World,
  cluster: Cluster,
  references: string[],
): { found: ContainerInstance[]; failures: Failure[] } {
  const found: ContainerInstance[] = [];
  const failures: Failure[] = [];
  for (const reference of new Set(references)) {
    const instance = findContainerInstance(world, cluster, reference);
    if (instance) found.push(instance);
    else
      failures.push({
        arn: reference.startsWith('arn:')
          ? reference
          : ecsArn(world, `container-instance/${cluster.clusterName}/${reference}`),
        reason: 'MISSING',
      });
  }
  return { found, failures };
}

export function DescribeContainerInstances(
  context: Context,
  input: DescribeContainerInstancesRequest,
): DescribeContainerInstancesResponse {
  const { world } = context;
  const cluster = describeCluster(world, input.cluster);
  const { found, failures } = resolve(
    world,
    cluster,
    checkReferences(input.containerInstances, 'Container instances', 100),
  );
  const withTags = input.include?.includes('TAGS') ?? false;
  return { containerInstances: found.map((instance) => toApi(world, instance, withTags)), failures };
}

/** ACTIVE or DRAINING, ten at a time. What runs on a DRAINING one is moved by its service. */
export function UpdateContainerInstancesState(
  context: Context,
  input: UpdateContainerInstancesStateRequest,
): UpdateContainerInstancesStateResponse {
  const { world } = context;
  const cluster = describeCluster(world, input.cluster);
  const { found, failures } = resolve(
    world,
    cluster,
    checkReferences(input.containerInstances, 'Container instances', 10),
  );
  const { status } = input;
  if (status !== 'ACTIVE' && status !== 'DRAINING')
    throw invalidParameter('Container instance status should be one of [ACTIVE, DRAINING].');
  const containerInstances: ApiContainerInstance[] = [];
  for (const instance of found) {
    if (instance.status === 'INACTIVE') {
      failures.push({ arn: instance.containerInstanceArn, reason: 'INACTIVE' });
      continue;
    }
    if (instance.status !== status) instance.version++;
    instance.status = status;
    containerInstances.push(toApi(world, instance, false));
  }
  return { containerInstances, failures };
}

/**
 * Takes it out of the cluster; the EC2 instance goes on. On AWS its containers go on too, orphaned; here they end.
 * @throws InvalidParameterException while tasks run on it and `force` is not set.
 */
export function DeregisterContainerInstance(
  context: Context,
  input: DeregisterContainerInstanceRequest,
): DeregisterContainerInstanceResponse {
  const { world } = context;
  const cluster = describeCluster(world, input.cluster);
  const reference = input.containerInstance ?? '';
  const instance = findContainerInstance(world, cluster, reference);
  if (!instance || instance.status === 'INACTIVE')
    throw invalidParameter(`Referenced container instance ${reference} not found.`);
  const tasks = tasksOn(world, instance.containerInstanceArn);
  if (tasks.some(({ desiredStatus }) => desiredStatus === 'RUNNING') && input.force !== true) {
    throw invalidParameter('Found running tasks on the instance.');
  }
  for (const task of tasks) {
    stopTask(context, task, {
      code: 'UserInitiated',
      reason: 'Container instance deregistration forced by user.',
      drain: false,
    });
  }
  instance.status = 'INACTIVE';
  instance.agentConnected = false;
  instance.version++;
  return { containerInstance: toApi(world, instance, false) };
}
