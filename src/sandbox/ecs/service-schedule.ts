// What each service needs next: tasks started, stopped, replaced, counted; deployments and events that follow.
// Joins health, plan and placement; the parts know nothing of each other. Decides purely; changes only in effects.
import type { Context } from '../handler.ts';
import type { Agenda, Effect, Schedule } from '../agenda.ts';
import type { Deployment, Service, Task } from './records.ts';
import type { World } from '../world.ts';
import {
  breakCircuit,
  completeDeployment,
  countFailures,
  failedContainerChecks,
  failedHealthChecks,
  isServing,
  primaryOf,
  reapDeployments,
  servesNobody,
} from './deployments.ts';
import { placeTasks, type Placement } from './placement.ts';
import {
  addEvent,
  addSteadyEvent,
  isSuppressed,
  placementFailureText,
  repeatAfterMs,
  taskList,
} from './service-events.ts';
import { healthOf, type TaskHealth } from './service-health.ts';
import { planService, type PlanTask } from './service-plan.ts';
import { serviceTaskTags } from './service-tags.ts';
import { startTask } from './task-start.ts';
import { stopTask } from './task-stop.ts';

interface View {
  service: Service;
  primary: Deployment;
  /** All tasks that are remembered, ended ones included. */
  tasks: Task[];
  /** Those wanted RUNNING, surplus ones first to go at the front. */
  wanted: Task[];
  health: Map<string, TaskHealth>;
}

function stopTasks(world: World, service: Service, tasks: Task[], reasonOf: (task: Task) => string): Effect {
  return {
    kind: 'stop-tasks',
    subject: service.serviceArn,
    apply(context) {
      const deregistered = new Map<string, number>();
      let draining = 0;
      for (const task of tasks) {
        const arns = stopTask(context, task, {
          code: 'ServiceSchedulerInitiated',
          reason: reasonOf(task),
          drain: true,
        });
        for (const arn of arns) deregistered.set(arn, (deregistered.get(arn) ?? 0) + 1);
        if (task.lastStatus === 'DEACTIVATING') draining++;
      }
      const ids = taskList(
        world,
        tasks.map(({ taskArn }) => taskArn),
      );
      addEvent(context, service, `has stopped ${tasks.length} running tasks: ${ids}.`);
      for (const [arn, count] of deregistered)
        addEvent(context, service, `deregistered ${count} targets in (target-group ${arn})`);
      if (draining > 0) addEvent(context, service, `has begun draining connections on ${draining} tasks.`);
    },
  };
}

/** @param replaced how many of them are for tasks that fail: ECS says so in the event. */
function startTasks(service: Service, primary: Deployment, chosen: string[], replaced: number): Effect {
  return {
    kind: 'start-tasks',
    subject: service.serviceArn,
    apply(context) {
      const { world } = context;
      const taskDefinition = world.taskDefinitions[primary.taskDefinitionArn];
      const started = chosen.flatMap((arn) => {
        const instance = world.containerInstances[arn];
        if (!taskDefinition || !instance) return [];
        return startTask(context, {
          taskDefinition,
          instance,
          group: `service:${service.serviceName}`,
          startedBy: primary.id,
          serviceArn: service.serviceArn,
          deploymentId: primary.id,
          tags: serviceTaskTags(world, service, taskDefinition),
          network: service.network,
          enableExecuteCommand: service.enableExecuteCommand,
        });
      });
      if (started.length === 0) return;
      addEvent(
        context,
        service,
        `has started ${started.length} tasks: ${taskList(
          world,
          started.map(({ taskArn }) => taskArn),
        )}.${replaced > 0 ? ` Amazon ECS replaced ${replaced} tasks due to an unhealthy status.` : ''}`,
      );
    },
  };
}

function say(service: Service, text: string, now: number): Effect[] {
  if (isSuppressed(service, text, now)) return [];
  return [
    {
      kind: 'service-event',
      subject: service.serviceArn,
      apply: (context: Context) => addEvent(context, service, text),
    },
  ];
}

/** A task on a DRAINING container instance is to run elsewhere. */
function isDisplaced(world: World, task: Task): boolean {
  return world.containerInstances[task.containerInstanceArn]?.status !== 'ACTIVE';
}

/** Where most tasks of the service are, one goes first, the newest before older ones: what is left is spread. */
function inOrderOfSurplus(tasks: Task[]): Task[] {
  const seen = new Map<string, number>();
  return [...tasks]
    .sort((a, b) => a.createdAt - b.createdAt || (a.taskArn < b.taskArn ? -1 : 1))
    .map((task) => {
      const rank = (seen.get(task.containerInstanceArn) ?? 0) + 1;
      seen.set(task.containerInstanceArn, rank);
      return { task, rank };
    })
    .sort((a, b) => b.rank - a.rank || b.task.createdAt - a.task.createdAt)
    .map(({ task }) => task);
}

function markHealthy({ service, primary, wanted, health }: View): Effect | undefined {
  const fresh = wanted.filter((task) => task.healthyAt === undefined && health.get(task.taskArn)?.state === 'healthy');
  if (fresh.length === 0) return undefined;
  return {
    kind: 'tasks-healthy',
    subject: service.serviceArn,
    apply({ now }) {
      for (const task of fresh) task.healthyAt = now;
      service.failedStarts = 0;
      const ofPrimary = fresh.some((task) => task.deploymentId === primary.id);
      if (ofPrimary && service.deploymentConfiguration.circuitBreaker.resetOnHealthyTask) primary.failedTasks = 0;
    },
  };
}

/** Failing tasks each get their event; the reason a task carries names its target group. */
function tellFailures(world: World, { service, wanted, health }: View, stopped: Set<string>): Effect[] {
  return wanted.flatMap((task) => {
    const failure = stopped.has(task.taskArn) ? health.get(task.taskArn)?.failure : undefined;
    if (!failure) return [];
    const text =
      failure === 'container'
        ? `${taskList(world, [task.taskArn])} failed container health checks.`
        : `${taskList(world, [task.taskArn])} ${task.attachment === undefined ? `(instance ${failure.id}) ` : ''}(port ${failure.port}) is unhealthy in ` +
          `(target-group ${failure.targetGroupArn}) due to (reason ${failure.reason}).`;
    return [
      {
        kind: 'service-event',
        subject: service.serviceArn,
        apply: (context: Context) => addEvent(context, service, text),
      },
    ];
  });
}

function changeTasks(world: World, view: View, now: number): Effect[] {
  const { service, primary, wanted, health } = view;
  const config = service.deploymentConfiguration;
  const planned = wanted.map((task): PlanTask => {
    const state = health.get(task.taskArn)?.state ?? 'pending';
    const keep = task.deploymentId === primary.id && !isDisplaced(world, task) && state !== 'failing';
    return { arn: task.taskArn, keep, state };
  });
  const throttled = service.throttledUntil !== undefined && service.throttledUntil > now;
  const plan = planService(
    { desired: service.desiredCount, ...config, mayStart: !throttled && primary.rolloutState !== 'FAILED' },
    planned,
  );
  const effects: Effect[] = [];
  let placement: Placement = { chosen: [] };
  if (plan.start > 0) {
    const request = {
      clusterArn: service.clusterArn,
      taskDefinitionArn: primary.taskDefinitionArn,
      group: `service:${service.serviceName}`,
      strategy: service.placementStrategy,
      constraints: service.placementConstraints,
      network: service.network,
    };
    placement = placeTasks(world, request, plan.start);
  }
  const stop = new Set([...plan.stop, ...plan.dispensable.slice(0, plan.start - placement.chosen.length)]);
  if (stop.size > 0) {
    const tasks = wanted.filter((task) => stop.has(task.taskArn));
    effects.push(...tellFailures(world, view, stop));
    effects.push(
      stopTasks(world, service, tasks, (task) => {
        const failure = health.get(task.taskArn)?.failure;
        if (failure === 'container') return failedContainerChecks;
        if (failure) return `${failedHealthChecks} in (target-group ${failure.targetGroupArn})`;
        return `Scaling activity initiated by (deployment ${primary.id})`;
      }),
    );
  }
  if (placement.chosen.length > 0) {
    const unhealthy = wanted.filter((task) => health.get(task.taskArn)?.failure === 'container').length;
    effects.push(startTasks(service, primary, placement.chosen, Math.min(unhealthy, placement.chosen.length)));
  }
  if (placement.failure) effects.push(...say(service, placementFailureText(placement.failure), now));
  if (plan.stuck) {
    effects.push(
      ...say(
        service,
        'was unable to stop or start tasks during a deployment because of the service deployment configuration. ' +
          'Update the minimumHealthyPercent or maximumPercent value and try again.',
        now,
      ),
    );
  }
  return effects;
}

/** Nothing is left to do: the desired count of healthy primary tasks, nobody else, nobody draining. */
function isSettled({ service, primary, tasks, wanted, health }: View, world: World): boolean {
  return (
    service.deployments.length === 1 &&
    wanted.length === service.desiredCount &&
    wanted.every(
      (task) =>
        task.deploymentId === primary.id && health.get(task.taskArn)?.state === 'healthy' && !isDisplaced(world, task),
    ) &&
    !tasks.some(({ lastStatus }) => lastStatus === 'DEACTIVATING')
  );
}

function settle(view: View, world: World, now: number): Effect[] {
  const { service, primary } = view;
  const settled = isSettled(view, world);
  if (!settled) {
    if (service.steadyAt === undefined) return [];
    return [{ kind: 'service-unsettled', subject: service.serviceArn, apply: () => delete service.steadyAt }];
  }
  const effects: Effect[] = [];
  if (primary.rolloutState === 'IN_PROGRESS') effects.push(completeDeployment(service, primary));
  if (service.steadyAt === undefined || now - service.steadyAt >= repeatAfterMs) {
    effects.push({
      kind: 'service-steady',
      subject: service.serviceArn,
      apply(context) {
        service.steadyAt = context.now;
        addSteadyEvent(context, service);
      },
    });
  }
  return effects;
}

/** @returns what is next for the service; when to look again is written on the agenda. */
function scheduleActive(world: World, service: Service, tasks: Task[], { time, pace, at }: Agenda): Effect[] {
  const primary = primaryOf(service);
  if (!primary) return [];
  const counted = countFailures(service, tasks) ?? breakCircuit(world, service);
  if (counted) return [counted];

  const wanted = inOrderOfSurplus(tasks.filter(({ desiredStatus }) => desiredStatus === 'RUNNING'));
  const health = new Map(wanted.map((task) => [task.taskArn, healthOf(world, service, task, time, pace)]));
  const view: View = { service, primary, tasks, wanted, health };
  for (const { changesAt = time } of health.values()) at(changesAt);
  at(service.throttledUntil ?? time);
  if (service.steadyAt !== undefined) at(service.steadyAt + repeatAfterMs);

  const healthy = markHealthy(view);
  if (healthy) return [healthy];
  const effects = changeTasks(world, view, time);
  const reaped = reapDeployments(service, tasks);
  if (reaped) effects.push(reaped);
  if (effects.length === 0) effects.push(...settle(view, world, time));
  else if (service.steadyAt !== undefined)
    effects.push(...settle(view, world, time).filter(({ kind }) => kind === 'service-unsettled'));
  return effects;
}

/** A deleted service: stops what runs, and is INACTIVE a while after the last task began to stop. */
function scheduleDraining(world: World, service: Service, tasks: Task[], { time, pace, at }: Agenda): Effect[] {
  const wanted = tasks.filter(({ desiredStatus }) => desiredStatus === 'RUNNING');
  const primary = primaryOf(service);
  if (wanted.length > 0) {
    const reason = `Scaling activity initiated by (deployment ${primary?.id ?? service.serviceName})`;
    return [stopTasks(world, service, wanted, () => reason)];
  }
  if (!servesNobody(tasks)) return [];
  const lastStop = Math.max(
    service.deletedAt ?? 0,
    ...tasks.filter((task) => !isServing(task)).map(({ stoppingAt }) => stoppingAt ?? 0),
  );
  const inactiveAt = Math.max(lastStop + pace.of('serviceInactive'), service.drainsUntil ?? 0);
  at(inactiveAt);
  if (inactiveAt > time) return [];
  return [
    {
      kind: 'service-inactive',
      subject: service.serviceArn,
      apply(context) {
        service.status = 'INACTIVE';
        service.inactiveAt = context.now;
        service.deployments = [];
      },
    },
  ];
}

export const scheduleServices: Schedule = (world, agenda) => {
  let placed = false;
  const tasksOf = new Map<string, Task[]>();
  for (const task of Object.values(world.tasks)) {
    if (task.serviceArn !== undefined) tasksOf.set(task.serviceArn, [...(tasksOf.get(task.serviceArn) ?? []), task]);
  }
  for (const service of Object.values(world.services)) {
    if (service.status === 'INACTIVE') continue;
    // A service made anew under an old name has the same ARN; the tasks of the one before are not its own.
    const tasks = (tasksOf.get(service.serviceArn) ?? []).filter(({ createdAt }) => createdAt >= service.createdAt);
    const next = service.status === 'DRAINING' ? scheduleDraining : scheduleActive;
    const effects = next(world, service, tasks, agenda);
    const places = effects.some(({ kind }) => kind === 'start-tasks');
    // Two services that place in one pass could both take the last room: the second waits for the next pass.
    if (places && placed) continue;
    placed ||= places;
    for (const effect of effects) agenda.now(effect);
  }
};
