// Tasks that do not come to run because one container waits for another. Pure.
import type { Task, TaskDefinition } from '@aws-sdk/client-ecs';

export interface WaitingContainer {
  /** Who waits, for whom, and for what of it, in ECS's word: 'COMPLETE'. */
  name: string;
  on: string;
  condition: string;
  /** What the other one is now: 'RUNNING', 'HEALTHY'. */
  state: string;
}

/** The first container that waits for one that has started already and is not yet what `dependsOn` asks. Undefined: none does. */
export function findWaitingContainer(
  tasks: readonly Task[],
  definition: TaskDefinition | undefined,
): WaitingContainer | undefined {
  for (const { containers = [], lastStatus } of tasks) {
    if (lastStatus === 'RUNNING') continue;
    for (const { name = '', dependsOn = [] } of definition?.containerDefinitions ?? []) {
      if (containers.find((each) => each.name === name)?.lastStatus !== 'PENDING') continue;
      for (const { containerName: on = '', condition = '' } of dependsOn) {
        const other = containers.find((each) => each.name === on);
        if (other?.lastStatus !== 'RUNNING' || condition === 'START') continue;
        const isHealth = condition === 'HEALTHY';
        if (isHealth && other.healthStatus === 'HEALTHY') continue;
        return { name, on, condition, state: isHealth ? (other.healthStatus ?? 'UNKNOWN') : 'RUNNING' };
      }
    }
  }
  return undefined;
}
