// All that time and circumstance decide in ECS, in one schedule: agents, tasks, services, and what is forgotten at last.
import type { Effect, Schedule } from '../loop.ts';
import { scheduleAgents } from './agents.ts';
import { isLive } from './lookups.ts';
import { scheduleServices } from './service-schedule.ts';
import { scheduleTasks } from './task-lifecycle.ts';

/** Deleted things stay describable for a while, as on AWS; deleted revisions until nothing uses them. */
const scheduleForgetting: Schedule = (world, now, pace) => {
  const effects: Effect[] = [];
  let wakeAt = Number.POSITIVE_INFINITY;
  const after = pace.of('inactiveForgotten');
  const forget = (kind: string, table: Record<string, { status: string; inactiveAt?: number }>): void => {
    for (const [arn, { status, inactiveAt }] of Object.entries(table)) {
      if (status !== 'INACTIVE' || inactiveAt === undefined) continue;
      if (inactiveAt + after > now) wakeAt = Math.min(wakeAt, inactiveAt + after);
      else effects.push({ kind, subject: arn, apply: () => delete table[arn] });
    }
  };
  forget('cluster-forgotten', world.clusters);
  forget('service-forgotten', world.services);
  const deleting = Object.values(world.taskDefinitions).filter(({ status }) => status === 'DELETE_IN_PROGRESS');
  if (deleting.length > 0) {
    const used = new Set([
      ...Object.values(world.tasks)
        .filter(isLive)
        .map(({ taskDefinitionArn }) => taskDefinitionArn),
      ...Object.values(world.services)
        .filter(({ status }) => status !== 'INACTIVE')
        .flatMap(({ taskDefinitionArn, deployments }) => [
          taskDefinitionArn,
          ...deployments.map((one) => one.taskDefinitionArn),
        ]),
    ]);
    for (const { taskDefinitionArn: arn, deleteRequestedAt = now } of deleting) {
      if (used.has(arn)) continue;
      const goneAt = deleteRequestedAt + pace.of('taskDefinitionDeletion');
      if (goneAt > now) wakeAt = Math.min(wakeAt, goneAt);
      else
        effects.push({ kind: 'task-definition-deleted', subject: arn, apply: () => delete world.taskDefinitions[arn] });
    }
  }
  return Number.isFinite(wakeAt) ? { effects, wakeAt } : { effects };
};

/** In this order: an instance that just registered takes tasks in the same settling of the loop. */
const parts: Schedule[] = [scheduleAgents, scheduleTasks, scheduleServices, scheduleForgetting];

export const scheduleEcs: Schedule = (world, now, pace) => {
  const effects: Effect[] = [];
  let wakeAt: number | undefined;
  for (const part of parts) {
    const decided = part(world, now, pace);
    effects.push(...decided.effects);
    if (decided.wakeAt !== undefined && (wakeAt === undefined || decided.wakeAt < wakeAt)) wakeAt = decided.wakeAt;
  }
  return wakeAt === undefined ? { effects } : { effects, wakeAt };
};
