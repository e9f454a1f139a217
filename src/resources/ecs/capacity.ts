// Whether N tasks fit the registered container instances, by CPU, memory and fixed ports. Pure.
import type { ContainerInstance, Resource as EcsResource } from '@aws-sdk/client-ecs';
import type { TaskDefinitionDocument } from '../../document/task-definition-document.ts';

export interface Fit {
  /** How many tasks of the demo fit in all, those that run already included. */
  tasks: number;
  /** What runs out first: 'CPU', 'memory' or 'port 8080'. */
  limit: string;
}

function integer(resources: EcsResource[] | undefined, name: string): number {
  return resources?.find((resource) => resource.name === name)?.integerValue ?? 0;
}

/**
 * @param running tasks of the demo that already hold their share of what remains, per container instance ARN.
 * @returns how many tasks fit, and what limits them; instances that take no tasks count for nothing.
 */
export function fit(
  instances: readonly ContainerInstance[],
  document: Pick<TaskDefinitionDocument, 'cpu' | 'memory' | 'fixedHostPorts'>,
  running: ReadonlyMap<string, number>,
): Fit {
  let tasks = 0;
  let limit = 'container instances';
  for (const instance of instances) {
    if (instance.status !== 'ACTIVE' || instance.agentConnected !== true) continue;
    const here = running.get(instance.containerInstanceArn ?? '') ?? 0;
    const more: [number, string][] = [
      [
        document.cpu === 0
          ? Number.POSITIVE_INFINITY
          : Math.floor(integer(instance.remainingResources, 'CPU') / document.cpu),
        'CPU',
      ],
      [
        document.memory === 0
          ? Number.POSITIVE_INFINITY
          : Math.floor(integer(instance.remainingResources, 'MEMORY') / document.memory),
        'memory',
      ],
    ];
    const [port] = document.fixedHostPorts;
    if (port !== undefined) more.push([here > 0 ? 0 : 1, `port ${port}`]);
    const [least, what] = more.toSorted(([one], [other]) => one - other)[0] ?? [0, limit];
    tasks += here + least;
    limit = what;
  }
  return { tasks, limit };
}
