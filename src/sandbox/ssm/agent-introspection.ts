// The ECS agent's introspection API on an instance, http://localhost:51678/v1/…, answered from the world.
import { ecsAgentVersion } from '../ec2/images.ts';
import type { Instance } from '../ec2/records.ts';
import type { World } from '../world.ts';
import { mappedBy } from '../ecs/container-network.ts';
import { dockerNameOf, findContainerInstance, tasksOn } from './docker-ps.ts';

export const introspectionPort = 51_678;

/** The JSON document at `path`; undefined when the agent serves none there. Without a registration nothing listens. */
export function introspect(world: World, instance: Instance, path: string): string | undefined {
  const registration = findContainerInstance(world, instance);
  if (path === '/' || path === '/v1')
    return JSON.stringify({ AvailableCommands: ['/v1/metadata', '/v1/tasks', '/license'] });
  if (path === '/v1/metadata') {
    return JSON.stringify({
      Cluster: registration?.clusterArn.split('/').at(-1) ?? '',
      ContainerInstanceArn: registration?.containerInstanceArn ?? null,
      Version: `Amazon ECS Agent - v${ecsAgentVersion} (*00000000)`,
    });
  }
  if (path !== '/v1/tasks') return undefined;
  const tasks = tasksOn(world, instance)
    .filter((task) => task.lastStatus !== 'STOPPED')
    .map((task) => {
      const [family = '', version = ''] = (task.taskDefinitionArn.split('/').at(-1) ?? '').split(':');
      return {
        Arn: task.taskArn,
        DesiredStatus: task.desiredStatus,
        KnownStatus: task.lastStatus,
        Family: family,
        Version: version,
        Containers: task.containers
          .filter((container) => container.runtimeId !== undefined)
          .map((container) => ({
            DockerId: container.runtimeId,
            DockerName: dockerNameOf(task, container),
            Name: container.name,
            Ports: mappedBy(task, container).map((one) => ({
              ContainerPort: one.containerPort,
              Protocol: one.protocol,
              HostPort: one.hostPort,
            })),
          })),
      };
    });
  return JSON.stringify({ Tasks: tasks });
}
