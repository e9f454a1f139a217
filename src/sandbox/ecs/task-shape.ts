// A task as DescribeTasks shows it. Reads the world; changes nothing.
import type { Attachment, Container as ApiContainer, Task as ApiTask } from '@aws-sdk/client-ecs';
import type { Task, TaskContainer } from './records.ts';
import type { World } from '../world.ts';
import { healthStatusOf } from './task-health.ts';
import { mappedBy } from './container-network.ts';
import { attachmentDetails } from './task-network.ts';

function dateOf(milliseconds: number | undefined): Date | undefined {
  return milliseconds === undefined ? undefined : new Date(milliseconds);
}

function toApiContainer(task: Task, container: TaskContainer): ApiContainer {
  return {
    containerArn: container.containerArn,
    taskArn: task.taskArn,
    name: container.name,
    image: container.image,
    runtimeId: container.runtimeId,
    lastStatus: container.lastStatus,
    exitCode: container.exitCode,
    reason: container.reason,
    networkBindings: mappedBy(task, container).map(({ containerPort, hostPort, protocol }) => ({
      bindIP: '0.0.0.0',
      containerPort,
      hostPort,
      protocol,
    })),
    networkInterfaces:
      task.attachment === undefined
        ? []
        : [{ attachmentId: task.attachment.attachmentId, privateIpv4Address: task.attachment.privateIpAddress }],
    healthStatus: container.healthStatus ?? 'UNKNOWN',
    cpu: String(container.cpu),
    memory: container.memory === undefined ? undefined : String(container.memory),
    memoryReservation: container.memoryReservation === undefined ? undefined : String(container.memoryReservation),
  };
}

function attachmentsOf(world: World, { attachment, lastStatus }: Task): Attachment[] {
  if (attachment === undefined) return [];
  const { attachmentId: id } = attachment;
  const status = { PROVISIONING: 'ATTACHING', DEPROVISIONING: 'DETACHING', STOPPED: 'DELETED' }[lastStatus as string];
  const details = attachmentDetails(world, attachment);
  return [{ id, type: 'ElasticNetworkInterface', status: status ?? 'ATTACHED', details }];
}

export function toApiTask(world: World, task: Task, withTags: boolean): ApiTask {
  const instance = world.containerInstances[task.containerInstanceArn];
  const host = instance && world.instances[instance.ec2InstanceId];
  return {
    attachments: attachmentsOf(world, task),
    attributes: instance?.attributes.filter(({ name }) => name === 'ecs.cpu-architecture'),
    availabilityZone: host?.availabilityZone,
    clusterArn: task.clusterArn,
    connectivity: task.lastStatus === 'PROVISIONING' || !instance?.agentConnected ? 'DISCONNECTED' : 'CONNECTED',
    connectivityAt: dateOf(task.pullStartedAt),
    containerInstanceArn: task.containerInstanceArn,
    containers: task.containers.map((container) => toApiContainer(task, container)),
    cpu: String(task.cpu),
    memory: String(task.memory),
    createdAt: dateOf(task.createdAt),
    desiredStatus: task.desiredStatus,
    enableExecuteCommand: task.enableExecuteCommand ?? false,
    executionStoppedAt:
      task.lastStatus === 'DEPROVISIONING' || task.lastStatus === 'STOPPED'
        ? dateOf(task.stoppedAt ?? task.stoppingAt)
        : undefined,
    group: task.group,
    healthStatus: healthStatusOf(world, task) ?? 'UNKNOWN',
    lastStatus: task.lastStatus,
    launchType: 'EC2',
    overrides: task.overrides ?? {
      containerOverrides: task.containers.map(({ name }) => ({ name })),
      inferenceAcceleratorOverrides: [],
    },
    pullStartedAt: dateOf(task.pullStartedAt),
    pullStoppedAt: dateOf(task.pullStoppedAt),
    startedAt: dateOf(task.startedAt),
    startedBy: task.startedBy,
    stopCode: task.stopCode as ApiTask['stopCode'],
    stoppedAt: dateOf(task.stoppedAt),
    stoppedReason: task.stoppedReason,
    stoppingAt: dateOf(task.stoppingAt),
    tags: withTags ? task.tags : [],
    taskArn: task.taskArn,
    taskDefinitionArn: task.taskDefinitionArn,
    version: task.version,
  };
}
