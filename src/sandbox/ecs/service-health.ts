// Whether a service's task counts as healthy: RUNNING, healthy by its containers' own checks and in every target group of
// the service. Reads states; who probes is not known here. Pure.
import type { Pace } from '../pace.ts';
import type { Service, Task } from './records.ts';
import type { World } from '../world.ts';
import { healthStatusOf } from './task-health.ts';
import { targetsOf } from './task-targets.ts';

export interface TaskHealth {
  state: 'pending' | 'healthy' | 'failing';
  /** Why it fails, and where: in a target group, or by the health check of an essential container. */
  failure?: { targetGroupArn: string; id: string; port: number; reason: string } | 'container';
  /** When a failing target will count although its health does not change: grace is over. */
  changesAt?: number;
}

/**
 * The health check of an essential container fails its task, once the grace period is over (it covers both).
 * A target that is unhealthy, or sits in a zone its load balancer lacks, fails its task once the grace period is over.
 * A target group that no listener uses fails nobody: deleting the load balancer first must not stop the tasks.
 */
export function healthOf(world: World, service: Service, task: Task, now: number, pace: Pace): TaskHealth {
  if (task.lastStatus !== 'RUNNING') return { state: 'pending' };
  const targets = targetsOf(world, task);
  if (targets.length < service.loadBalancers.length) return { state: 'pending' };
  const own = healthStatusOf(world, task);
  if (own === 'UNHEALTHY') {
    const failsAt = (task.startedAt ?? now) + pace.scale(service.healthCheckGracePeriodSeconds * 1000);
    return failsAt > now ? { state: 'pending', changesAt: failsAt } : { state: 'failing', failure: 'container' };
  }
  let pending = own === 'UNKNOWN';
  for (const { targetGroup, id, port, target } of targets) {
    if (target?.state === 'healthy') continue;
    pending = true;
    const zoneMissing = target?.state === 'unused' && /Availability Zone/.test(target.description ?? '');
    if (!target || (target.state !== 'unhealthy' && !zoneMissing)) continue;
    const { intervalSeconds, unhealthyThreshold } = targetGroup.healthCheck;
    const patience = zoneMissing
      ? Math.max(service.healthCheckGracePeriodSeconds, intervalSeconds * unhealthyThreshold)
      : service.healthCheckGracePeriodSeconds;
    const failsAt = (task.startedAt ?? now) + pace.scale(patience * 1000);
    if (failsAt > now) return { state: 'pending', changesAt: failsAt };
    const reason = target.description ?? target.reason ?? 'unknown';
    return { state: 'failing', failure: { targetGroupArn: targetGroup.targetGroupArn, id, port, reason } };
  }
  return { state: pending ? 'pending' : 'healthy' };
}
