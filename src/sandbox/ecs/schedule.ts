// All that time and circumstance decide in ECS, in one schedule: agents, tasks, services, and what is forgotten at last.
import type { Effect, Schedule } from '../agenda.ts';
import { scheduleAgents } from './agents.ts';
import { isLive } from './lookups.ts';
import { scheduleServices } from './service-schedule.ts';
import { scheduleTasks } from './task-lifecycle.ts';

/** Deleted things stay describable for a while, as on AWS; deleted revisions until nothing uses them. */
const scheduleForgetting: Schedule = (world, { pace, at }) => {
  for (const { clusterArn, status, inactiveAt } of Object.values(world.clusters)) {
    if (status !== 'INACTIVE' || inactiveAt === undefined) continue;
    const apply: Effect['apply'] = (context) => delete context.world.clusters[clusterArn];
    at(inactiveAt + pace.of('inactiveForgotten'), { kind: 'cluster-forgotten', subject: clusterArn, apply });
  }
  for (const { serviceArn, status, inactiveAt } of Object.values(world.services)) {
    if (status !== 'INACTIVE' || inactiveAt === undefined) continue;
    const apply: Effect['apply'] = (context) => delete context.world.services[serviceArn];
    at(inactiveAt + pace.of('inactiveForgotten'), { kind: 'service-forgotten', subject: serviceArn, apply });
  }
  const deleting = Object.values(world.deletedTaskDefinitions);
  if (deleting.length === 0) return;
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
  for (const { taskDefinitionArn: arn, requestedAt } of deleting) {
    if (used.has(arn)) continue;
    at(requestedAt + pace.of('taskDefinitionDeletion'), {
      kind: 'task-definition-deleted',
      subject: arn,
      apply({ world: now }) {
        delete now.taskDefinitions[arn];
        delete now.deletedTaskDefinitions[arn];
      },
    });
  }
};

/** In this order: an instance that just registered takes tasks in the same settling of the loop. */
const parts: Schedule[] = [scheduleAgents, scheduleTasks, scheduleServices, scheduleForgetting];

export const scheduleEcs: Schedule = (world, agenda) => {
  for (const part of parts) part(world, agenda);
};
