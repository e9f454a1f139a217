// Tasks: run and stopped by callers, listed and described. Services start their own in service-schedule.ts.
import type {
  DescribeTasksRequest,
  DescribeTasksResponse,
  Failure,
  ListTasksRequest,
  ListTasksResponse,
  RunTaskRequest,
  RunTaskResponse,
  StartTaskRequest,
  StartTaskResponse,
  StopTaskRequest,
  StopTaskResponse,
  Task as ApiTask,
} from '@aws-sdk/client-ecs';
import type { Context } from '../handler.ts';
import type { Cluster, ContainerInstance, Task, TaskDefinition } from './records.ts';
import type { Tag } from '../world.ts';
import {
  describeCluster,
  describeService,
  describeUsableTaskDefinition,
  ecsArn,
  findContainerInstance,
  findTask,
  invalidParameter,
} from './lookups.ts';
import { checkReferences, pageOf } from './paging.ts';
import { placeTasks, shortageOn, type PlacementRequest } from './placement.ts';
import { checkPlacement, refuseUnoffered } from './service-arguments.ts';
import { checkTags } from './tags.ts';
import { documentOf } from './task-definition-document.ts';
import { checkNetworkConfiguration } from './task-network.ts';
import { toApiTask } from './task-shape.ts';
import { startTask, type NewTask } from './task-start.ts';
import { stopTask } from './task-stop.ts';

interface Prepared {
  cluster: Cluster;
  taskDefinition: TaskDefinition;
  request: PlacementRequest;
  task: Omit<NewTask, 'instance'>;
}

/** What RunTask and StartTask have in common: the checks, and everything of the new task but where it goes. */
function prepare(context: Context, input: RunTaskRequest | StartTaskRequest): Prepared {
  const cluster = describeCluster(context.world, input.cluster);
  const taskDefinition = describeUsableTaskDefinition(context.world, input.taskDefinition);
  const document = documentOf(taskDefinition);
  const network = checkNetworkConfiguration(context.world, input.networkConfiguration, document.networkMode);
  if (input.startedBy !== undefined && input.startedBy.length > 128) {
    throw invalidParameter('startedBy cannot be longer than 128 characters.');
  }
  const group = input.group ?? `family:${taskDefinition.family}`;
  if (group.startsWith('service:')) throw invalidParameter('Invalid namespace for group.');
  for (const { name } of input.overrides?.containerOverrides ?? []) {
    if (!document.containerDefinitions.some((container) => container.name === name)) {
      throw invalidParameter(`Override for container named ${name ?? ''} is not a container in the TaskDefinition.`);
    }
  }
  const tags: Tag[] = [
    ...checkTags(input.tags),
    ...(input.propagateTags === 'TASK_DEFINITION' ? taskDefinition.tags : []),
    ...(input.enableECSManagedTags ? [{ key: 'aws:ecs:clusterName', value: cluster.clusterName }] : []),
  ];
  return {
    cluster,
    taskDefinition,
    request: {
      clusterArn: cluster.clusterArn,
      taskDefinitionArn: taskDefinition.taskDefinitionArn,
      group,
      strategy: [],
      constraints: [],
      network,
    },
    task: {
      taskDefinition,
      group,
      tags,
      network,
      ...(input.startedBy === undefined ? {} : { startedBy: input.startedBy }),
      enableExecuteCommand: input.enableExecuteCommand ?? false,
      ...(input.overrides ? { overrides: structuredClone(input.overrides) as NonNullable<NewTask['overrides']> } : {}),
    },
  };
}

/**
 * Up to ten tasks, each placed now or reported in `failures`: nothing is queued.
 * @throws InvalidParameterException when the cluster has no container instance at all.
 */
export function RunTask(context: Context, input: RunTaskRequest): RunTaskResponse {
  const { world } = context;
  const count = input.count ?? 1;
  if (!Number.isInteger(count) || count < 1 || count > 10) throw invalidParameter('Count must be between 1 and 10.');
  if (input.launchType !== undefined && input.launchType !== 'EC2') refuseUnoffered({ launchType: input.launchType });
  refuseUnoffered({ capacityProviderStrategy: input.capacityProviderStrategy });
  const prepared = prepare(context, input);
  const { placementStrategy, placementConstraints } = checkPlacement(
    input.placementStrategy,
    input.placementConstraints,
  );
  const placement = placeTasks(
    world,
    { ...prepared.request, strategy: placementStrategy, constraints: placementConstraints },
    count,
  );
  if (placement.failure?.shortage === 'NONE')
    throw invalidParameter('No Container Instances were found in your cluster.');
  const tasks: ApiTask[] = [];
  for (const arn of placement.chosen) {
    const instance = world.containerInstances[arn];
    if (instance) tasks.push(toApiTask(world, startTask(context, { ...prepared.task, instance }), true));
  }
  const failures: Failure[] = [];
  if (placement.failure)
    failures.push({ arn: placement.failure.containerInstanceArn, reason: placement.failure.shortage });
  return { tasks, failures };
}

/** On the container instances named, whatever a placement strategy would say. */
export function StartTask(context: Context, input: StartTaskRequest): StartTaskResponse {
  const { world } = context;
  const references = checkReferences(input.containerInstances, 'Container instances', 10);
  const prepared = prepare(context, input);
  const tasks: ApiTask[] = [];
  const failures: Failure[] = [];
  for (const reference of references) {
    const instance = findContainerInstance(world, prepared.cluster, reference);
    const arn = instance?.containerInstanceArn ?? reference;
    const shortage = !instance
      ? 'MISSING'
      : instance.status === 'INACTIVE'
        ? 'INACTIVE'
        : shortageOn(world, instance, prepared.request);
    if (!instance || shortage !== undefined) failures.push({ arn, reason: shortage ?? 'MISSING' });
    else tasks.push(toApiTask(world, startTask(context, { ...prepared.task, instance }), true));
  }
  return { tasks, failures };
}

/** Stopping what is stopped is no error. @throws InvalidParameterException for a task that is not known. */
export function StopTask(context: Context, input: StopTaskRequest): StopTaskResponse {
  const { world } = context;
  const cluster = describeCluster(world, input.cluster);
  if (!input.task) throw invalidParameter('Task can not be blank.');
  const task = findTask(world, cluster, input.task);
  if (!task) throw invalidParameter('The referenced task was not found.');
  stopTask(context, task, { code: 'UserInitiated', reason: input.reason ?? 'Task stopped by user', drain: true });
  return { task: toApiTask(world, task, false) };
}

export function DescribeTasks(context: Context, input: DescribeTasksRequest): DescribeTasksResponse {
  const { world } = context;
  const cluster = describeCluster(world, input.cluster);
  const references = checkReferences(input.tasks, 'Tasks', 100);
  const withTags = input.include?.includes('TAGS') ?? false;
  const tasks: ApiTask[] = [];
  const failures: Failure[] = [];
  for (const reference of new Set(references)) {
    const task = findTask(world, cluster, reference);
    if (task) tasks.push(toApiTask(world, task, withTags));
    else
      failures.push({
        arn: reference.startsWith('arn:') ? reference : ecsArn(world, `task/${cluster.clusterName}/${reference}`),
        reason: 'MISSING',
      });
  }
  return { tasks, failures };
}

function instanceFilter(
  context: Context,
  cluster: Cluster,
  reference: string | undefined,
): ContainerInstance | undefined {
  if (reference === undefined) return undefined;
  const instance = findContainerInstance(context.world, cluster, reference);
  if (!instance) throw invalidParameter(`Referenced container instance ${reference} not found.`);
  return instance;
}

/** `desiredStatus` filters by what the task is meant to be, RUNNING by default; PENDING therefore never lists any. */
export function ListTasks(context: Context, input: ListTasksRequest): ListTasksResponse {
  const { world } = context;
  const cluster = describeCluster(world, input.cluster);
  const instance = instanceFilter(context, cluster, input.containerInstance);
  const service = input.serviceName === undefined ? undefined : describeService(world, cluster, input.serviceName);
  const desiredStatus = input.desiredStatus ?? 'RUNNING';
  const matches = (task: Task): boolean =>
    task.clusterArn === cluster.clusterArn &&
    task.desiredStatus === desiredStatus &&
    (!instance || task.containerInstanceArn === instance.containerInstanceArn) &&
    (!service || task.serviceArn === service.serviceArn) &&
    (input.startedBy === undefined || task.startedBy === input.startedBy) &&
    (input.launchType === undefined || input.launchType === 'EC2') &&
    (input.family === undefined || world.taskDefinitions[task.taskDefinitionArn]?.family === input.family);
  const arns = Object.values(world.tasks)
    .filter(matches)
    .map(({ taskArn }) => taskArn)
    .sort();
  const { entries, ...rest } = pageOf(arns, input);
  return { taskArns: entries, ...rest };
}
