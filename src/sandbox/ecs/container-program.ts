// What a container runs: its image, entry point, command and environment brought together, as Docker does.
// What the program then does is image-commands.ts's; nothing here starts anything.
import type { ContainerDefinition } from '@aws-sdk/client-ecs';
import type { ContainerInstance, Task, TaskContainer, World } from '../world.ts';
import { afflict, behaviourOf, type Behaviour, type CannotStart } from './image-commands.ts';
import { pullImage, pullLimited, type Architecture, type StandIn } from './images.ts';
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
  return pullImage(image, architectureOf(world.containerInstances[task.containerInstanceArn]));
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
  );
  return 'failure' in behaviour ? behaviour : afflict(behaviour, task.fault);
}
