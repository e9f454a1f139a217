// The record of a new task on a container instance. From here on its life is task-lifecycle.ts's.
import { afflictTask } from '../faults/afflictions.ts';
import type { Context } from '../handler.ts';
import type { ContainerInstance, Task, TaskContainer, TaskDefinition, TaskNetwork } from './records.ts';
import type { Tag } from '../world.ts';
import { ecsArn, idOf } from './lookups.ts';
import { variablesOf } from './container-program.ts';
import { documentOf, reservationOf } from './task-definition-document.ts';
import { attachInterface } from './task-network.ts';

/** The agent's default between SIGTERM and SIGKILL, in seconds. */
const defaultStopTimeoutSeconds = 30;

export interface NewTask {
  taskDefinition: TaskDefinition;
  instance: ContainerInstance;
  group: string;
  startedBy?: string;
  serviceArn?: string;
  deploymentId?: string;
  tags: Tag[];
  /** Where the interfaces of tasks in network mode `awsvpc` are made; undefined in every other mode. */
  network?: TaskNetwork | undefined;
  enableExecuteCommand?: boolean;
  /** RunTask's, as sent; of these `command` and `environment` of `containerOverrides` have an effect. */
  overrides?: Record<string, unknown> & {
    containerOverrides?: {
      name?: string;
      command?: string[];
      environment?: { name?: string | undefined; value?: string | undefined }[];
    }[];
  };
}

/** Adds the task in PROVISIONING. The caller has placed it: room is not checked again. */
export function startTask(context: Context, wanted: NewTask): Task {
  const { world, ids, now, pace } = context;
  const { taskDefinition, instance, overrides } = wanted;
  const document = documentOf(taskDefinition);
  const clusterName = idOf(instance.clusterArn);
  const id = ids.hex(32);
  const taskArn = ecsArn(world, `task/${clusterName}/${id}`);
  const containers = document.containerDefinitions.map((definition): TaskContainer => {
    const override = overrides?.containerOverrides?.find(({ name }) => name === definition.name);
    const { command, environment } = override ?? {};
    return {
      name: definition.name,
      containerArn: ecsArn(world, `container/${clusterName}/${id}/${ids.uuid()}`),
      image: definition.image,
      lastStatus: 'PENDING',
      essential: definition.essential,
      cpu: definition.cpu,
      ...(definition.memory === undefined ? {} : { memory: definition.memory }),
      ...(definition.memoryReservation === undefined ? {} : { memoryReservation: definition.memoryReservation }),
      networkBindings: [],
      ...(command === undefined ? {} : { command }),
      ...(environment === undefined ? {} : { environment: variablesOf(environment) }),
      stopTimeoutSeconds: definition.stopTimeout ?? instance.stopTimeoutSeconds ?? defaultStopTimeoutSeconds,
    };
  });
  const attachment = wanted.network && attachInterface(context, wanted.network, instance, wanted.tags);
  const task: Task = {
    taskArn,
    clusterArn: instance.clusterArn,
    containerInstanceArn: instance.containerInstanceArn,
    taskDefinitionArn: taskDefinition.taskDefinitionArn,
    group: wanted.group,
    ...(wanted.startedBy === undefined ? {} : { startedBy: wanted.startedBy }),
    ...(wanted.serviceArn === undefined ? {} : { serviceArn: wanted.serviceArn }),
    ...(wanted.deploymentId === undefined ? {} : { deploymentId: wanted.deploymentId }),
    lastStatus: 'PROVISIONING',
    desiredStatus: 'RUNNING',
    containers,
    ...(document.networkMode === 'host' ? { hostNetwork: true as const } : {}),
    ...(attachment === undefined ? {} : { attachment }),
    ...reservationOf(document),
    createdAt: now,
    statusEndsAt: now + pace.of(attachment === undefined ? 'taskProvisioning' : 'interfaceAttachment'),
    version: 1,
    tags: wanted.tags,
    ...(wanted.enableExecuteCommand ? { enableExecuteCommand: true } : {}),
    ...(overrides === undefined ? {} : { overrides }),
  };
  afflictTask(context, task);
  world.tasks[taskArn] = task;
  return task;
}
