// What a container runs: its image, entry point, command and environment brought together, as Docker does.
// What the program then does is image-commands.ts's; nothing here starts anything.
import type { ContainerDefinition } from '@aws-sdk/client-ecs';
import type { ContainerInstance, Task, TaskContainer } from './records.ts';
import type { World } from '../world.ts';
import { privateDnsName } from '../ec2/regions.ts';
import { afflict, behaviourOf, withoutItsPort, type Behaviour, type CannotStart } from './image-commands.ts';
import { pullLimited, type Architecture, type StandIn } from './images.ts';
import { idOf } from './lookups.ts';
import { imageIn } from './registered-images.ts';
import { documentOf } from './task-definition-document.ts';

/** Of the container instance, from its attributes. */
function architectureOf(instance: ContainerInstance | undefined): Architecture {
  return instance?.attributes.find(({ name }) => name === 'ecs.cpu-architecture')?.value === 'arm64'
    ? 'arm64'
    : 'x86_64';
}

/** The container definitions of the task's revision; none once it is forgotten. */
export function definitionsOf(world: World, task: Task): ContainerDefinition[] {
  const taskDefinition = world.taskDefinitions[task.taskDefinitionArn];
  return taskDefinition ? documentOf(taskDefinition).containerDefinitions : [];
}

/** What pulling the container's image gives on its container instance, or the agent's reason why it cannot. */
export function pullFor(world: World, task: Task, { image }: TaskContainer): StandIn | CannotStart {
  if (task.fault === 'cannot-pull') return pullLimited;
  return imageIn(world, image, architectureOf(world.containerInstances[task.containerInstanceArn]));
}

/** Name and value pairs as the API has them, as an object. */
export function variablesOf(
  pairs: readonly { name?: string | undefined; value?: string | undefined }[],
): Record<string, string> {
  return Object.fromEntries(pairs.map(({ name = '', value = '' }) => [name, value]));
}

/** The address that is the containers' own: the host's, or that of the task's interface. Undefined: Docker's bridge hides them. */
function ownAddressOf(world: World, task: Task): string | undefined {
  if (task.attachment !== undefined) return task.attachment.privateIpAddress;
  if (!task.hostNetwork) return undefined;
  return world.instances[world.containerInstances[task.containerInstanceArn]?.ec2InstanceId ?? '']?.privateIpAddress;
}

/** All that the program finds in its environment: what Docker and the agent put there, then the task definition's. */
export function environmentOf(world: World, task: Task, container: TaskContainer): Record<string, string> {
  const address = ownAddressOf(world, task);
  const definition = definitionsOf(world, task).find(({ name }) => name === container.name);
  return {
    PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
    HOSTNAME: address === undefined ? shortIdOf(task, container) : privateDnsName(world.region, address),
    HOME: '/root',
    AWS_EXECUTION_ENV: 'AWS_ECS_EC2',
    ...variablesOf(definition?.environment ?? []),
    ...container.environment,
  };
}

/** What of its definition has no effect here, for people who read the container's log; never silently. */
export function notPlayed(definition: ContainerDefinition): string[] {
  const { secrets = [], healthCheck, logConfiguration } = definition;
  const says = (text: string): string => `ecsdemo stand-in: ${text}`;
  const names = secrets.map(({ name }) => name).join(', ');
  const kind = healthCheck?.command?.[0];
  return [
    ...(secrets.length > 0 ? [says(`secrets are not fetched by the sandbox, not set: ${names}`)] : []),
    ...(kind !== undefined && !['CMD', 'CMD-SHELL', 'NONE'].includes(kind)
      ? [says(`Docker runs no health check that starts with ${kind} and not with CMD or CMD-SHELL`)]
      : []),
    ...(logConfiguration?.options?.['awslogs-multiline-pattern'] === undefined
      ? []
      : [says('awslogs-multiline-pattern has no effect in the sandbox, each line is an event of its own')]),
  ];
}

/** As Docker's default host name: the first twelve digits of the container's id. */
export function shortIdOf(task: Task, { runtimeId }: TaskContainer): string {
  return (runtimeId ?? idOf(task.taskArn)).slice(0, 12);
}

/** Its containers have one network together, so a port can be listened on only once. */
export function sharesPorts({ hostNetwork, attachment }: Task): boolean {
  return hostNetwork === true || attachment !== undefined;
}

/** Whether another container of the same network (the task's own, or the host's) listens on the port. */
function isTaken(world: World, task: Task, container: TaskContainer, port: number): boolean {
  const beside = task.attachment === undefined ? Object.values(world.tasks) : [task];
  return beside.some(
    (other) =>
      other.containerInstanceArn === task.containerInstanceArn &&
      (other.attachment === undefined || other === task) &&
      other.containers.some(
        (one) =>
          one.containerArn !== container.containerArn &&
          one.lastStatus === 'RUNNING' &&
          (sharesPorts(other)
            ? one.listening?.containerPort === port
            : one.networkBindings.some(({ hostPort, protocol }) => hostPort === port && protocol === 'tcp')),
      ),
  );
}

/** How the container behaves once it is made, or the agent's reason why it cannot be. */
export function programOf(world: World, task: Task, container: TaskContainer): Behaviour | CannotStart {
  const standIn = pullFor(world, task, container);
  if ('failure' in standIn) return standIn;
  const definition = definitionsOf(world, task).find(({ name }) => name === container.name);
  const behaviour = behaviourOf(
    standIn,
    { entryPoint: definition?.entryPoint, command: container.command ?? definition?.command },
    architectureOf(world.containerInstances[task.containerInstanceArn]),
    environmentOf(world, task, container),
  );
  if ('failure' in behaviour) return behaviour;
  if (standIn.answer !== undefined && behaviour.body !== undefined)
    Object.assign(behaviour, { body: standIn.answer, contentType: 'text/plain' });
  if (sharesPorts(task) && behaviour.port !== undefined && isTaken(world, task, container, behaviour.port))
    return withoutItsPort(behaviour);
  return afflict(behaviour, task.fault);
}
