// Which tags a service gives its tasks: propagated ones, and ECS's own when they are asked for. Pure.
import type { Service, TaskDefinition } from './records.ts';
import type { Tag, World } from '../world.ts';

export function serviceTaskTags(world: World, service: Service, taskDefinition: TaskDefinition): Tag[] {
  const propagated =
    service.propagateTags === 'SERVICE'
      ? service.tags
      : service.propagateTags === 'TASK_DEFINITION'
        ? taskDefinition.tags
        : [];
  if (!service.enableEcsManagedTags) return [...propagated];
  const clusterName = world.clusters[service.clusterArn]?.clusterName ?? '';
  return [
    ...propagated,
    { key: 'aws:ecs:clusterName', value: clusterName },
    { key: 'aws:ecs:serviceName', value: service.serviceName },
  ];
}
