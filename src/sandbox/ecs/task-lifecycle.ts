// A task's way through its statuses as time passes: provisioned, pulled, activated, drained, deprovisioned, forgotten.
// What needs a process (started, exited) comes from task-reports.ts instead. Decides purely; changes only in effects.
import type { Effect, Schedule } from '../loop.ts';
import type { Pace } from '../pace.ts';
import type { ContainerInstance, Task, World } from '../world.ts';
import { behaviourOf } from './image-commands.ts';
import { pullImage, pullLimited, type Architecture } from './images.ts';
import { addEvent } from './service-events.ts';
import { documentOf } from './task-definition-document.ts';
import { containerFailed } from './task-reports.ts';
import { beginStopping, stopTask } from './task-stop.ts';
import { registerTargetsOf } from './task-targets.ts';

/** Of the container instance, from its attributes. */
export function architectureOf(instance: ContainerInstance | undefined): Architecture {
  return instance?.attributes.find(({ name }) => name === 'ecs.cpu-architecture')?.value === 'arm64'
    ? 'arm64'
    : 'x86_64';
}

/** How long the pull of a task's images takes: they are pulled one beside the other, cached ones are only checked. */
function pullTime(world: World, task: Task, pace: Pace): number {
  const cached = world.containerInstances[task.containerInstanceArn]?.pulledImages ?? [];
  return pace.of(task.containers.every(({ image }) => cached.includes(image)) ? 'imagePullCached' : 'imagePull');
}

/** The first container that cannot be made from its image and command, and why. */
function failureToStart(world: World, task: Task): { name: string; reason: string } | undefined {
  const architecture = architectureOf(world.containerInstances[task.containerInstanceArn]);
  const taskDefinition = world.taskDefinitions[task.taskDefinitionArn];
  for (const container of task.containers) {
    const pulled = task.fault === 'cannot-pull' ? pullLimited : pullImage(container.image, architecture);
    if ('failure' in pulled) return { name: container.name, reason: pulled.failure };
    const definition =
      taskDefinition && documentOf(taskDefinition).containerDefinitions.find(({ name }) => name === container.name);
    const behaviour = behaviourOf(
      pulled,
      { entryPoint: definition?.entryPoint, command: container.command ?? definition?.command },
      architecture,
    );
    if ('failure' in behaviour) return { name: container.name, reason: behaviour.failure };
  }
  return undefined;
}

function stepOf(world: World, task: Task): Effect | undefined {
  const effect = (kind: string, apply: Effect['apply']): Effect => ({ kind, subject: task.taskArn, apply });
  switch (task.lastStatus) {
    case 'PROVISIONING':
      return effect('task-pending', ({ now, pace }) => {
        task.lastStatus = 'PENDING';
        task.pullStartedAt = now;
        task.statusEndsAt = now + pullTime(world, task, pace);
        task.version++;
      });
    case 'PENDING':
      return effect('task-pulled', (context) => {
        delete task.statusEndsAt;
        const failure = failureToStart(world, task);
        if (failure) {
          containerFailed(context, task.taskArn, failure.name, failure.reason);
          return;
        }
        task.pullStoppedAt = context.now;
        task.version++;
        const instance = world.containerInstances[task.containerInstanceArn];
        if (instance)
          instance.pulledImages = [
            ...new Set([...(instance.pulledImages ?? []), ...task.containers.map(({ image }) => image)]),
          ];
      });
    case 'DEACTIVATING':
      return effect('task-stopping', (context) => beginStopping(context, task));
    case 'DEPROVISIONING':
      return effect('task-stopped', ({ now }) => {
        task.lastStatus = 'STOPPED';
        task.stoppedAt = now;
        delete task.statusEndsAt;
        task.version++;
      });
    default:
      return undefined;
  }
}

/** Tasks of one service that become RUNNING together share one event, as ECS writes it. */
function activation(world: World, tasks: Task[]): Effect {
  return {
    kind: 'tasks-running',
    subject: tasks[0]?.serviceArn ?? tasks[0]?.taskArn ?? '',
    apply(context) {
      const registered = new Map<string, number>();
      for (const task of tasks) {
        for (const arn of registerTargetsOf(context, task)) registered.set(arn, (registered.get(arn) ?? 0) + 1);
        task.lastStatus = 'RUNNING';
        task.startedAt ??= context.now;
        delete task.statusEndsAt;
        task.version++;
      }
      const service = tasks[0]?.serviceArn === undefined ? undefined : world.services[tasks[0].serviceArn];
      if (!service) return;
      for (const [arn, count] of registered)
        addEvent(context, service, `registered ${count} targets in (target-group ${arn})`);
    },
  };
}

/** A task whose machine is gone ends with it. Undefined: the machine is there, or will be. */
function hostLoss(world: World, task: Task): Effect | undefined {
  if (task.lastStatus === 'STOPPED' || (task.desiredStatus === 'STOPPED' && task.lastStatus !== 'DEACTIVATING'))
    return undefined;
  const instance = world.containerInstances[task.containerInstanceArn];
  const host = instance && world.instances[instance.ec2InstanceId];
  if (host && (host.state === 'pending' || host.state === 'running')) return undefined;
  const verb = host?.state === 'stopping' || host?.state === 'stopped' ? 'stopped' : 'terminated';
  return {
    kind: 'task-host-lost',
    subject: task.taskArn,
    apply(context) {
      const reason = `Host EC2 (instance ${instance?.ec2InstanceId ?? 'unknown'}) ${verb}.`;
      stopTask(context, task, { code: 'TerminationNotice', reason, drain: false });
    },
  };
}

export const scheduleTasks: Schedule = (world, now, pace) => {
  const effects: Effect[] = [];
  const activating = new Map<string, Task[]>();
  let wakeAt = Number.POSITIVE_INFINITY;
  for (const task of Object.values(world.tasks)) {
    const lost = hostLoss(world, task);
    if (lost) {
      effects.push(lost);
      continue;
    }
    if (task.lastStatus === 'STOPPED') {
      const forgetAt = (task.stoppedAt ?? now) + pace.of('taskForgotten');
      if (forgetAt > now) wakeAt = Math.min(wakeAt, forgetAt);
      else
        effects.push({ kind: 'task-forgotten', subject: task.taskArn, apply: () => delete world.tasks[task.taskArn] });
      continue;
    }
    if (task.statusEndsAt === undefined) continue;
    if (task.statusEndsAt > now) {
      wakeAt = Math.min(wakeAt, task.statusEndsAt);
      continue;
    }
    if (task.lastStatus === 'ACTIVATING') {
      const key = task.serviceArn ?? task.taskArn;
      activating.set(key, [...(activating.get(key) ?? []), task]);
      continue;
    }
    const step = stepOf(world, task);
    if (step) effects.push(step);
  }
  for (const tasks of activating.values()) effects.push(activation(world, tasks));
  return Number.isFinite(wakeAt) ? { effects, wakeAt } : { effects };
};
