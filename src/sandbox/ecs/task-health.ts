// The health of a task by the health checks of its containers: only essential ones count. Pure.
import type { Task } from './records.ts';
import type { World } from '../world.ts';
import { definitionsOf } from './container-program.ts';
import { isPlayed } from './health-checks.ts';

/** As ECS joins them; undefined: no essential container has a health check, which the API shows as UNKNOWN. */
export function healthStatusOf(world: World, task: Task): 'HEALTHY' | 'UNHEALTHY' | 'UNKNOWN' | undefined {
  const definitions = definitionsOf(world, task);
  const checked = task.containers.filter(
    ({ name, essential }) => essential && isPlayed(definitions.find((one) => one.name === name)?.healthCheck),
  );
  if (checked.length === 0) return undefined;
  if (checked.some(({ healthStatus }) => healthStatus === 'UNHEALTHY')) return 'UNHEALTHY';
  return checked.every(({ healthStatus }) => healthStatus === 'HEALTHY') ? 'HEALTHY' : 'UNKNOWN';
}
