// A task's way through its statuses as time passes: provisioned, pulled, activated, drained, deprovisioned, forgotten.
// What needs a process (started, exited) comes from task-reports.ts instead. Decides purely; changes only in effects.
import type { Agenda, Effect, Schedule } from '../agenda.ts';
import type { Pace } from '../pace.ts';
import type { Context } from '../handler.ts';
import type { Instance } from '../ec2/records.ts';
import type { Task, TaskContainer } from './records.ts';
import type { World } from '../world.ts';
import { createLogStreamOf } from './awslogs.ts';
import { readinessOf } from './container-order.ts';
import { definitionsOf, programOf, pullFor } from './container-program.ts';
import { addEvent } from './service-events.ts';
import { containerFailed } from './task-reports.ts';
import { releaseInterface } from './task-network.ts';
import { beginStopping, stopTask } from './task-stop.ts';
import { taskObstacle } from './task-obstacles.ts';
import { registerTargetsOf, targetsOf } from './task-targets.ts';

/** How long the pull of a task's images takes: they are pulled one beside the other, cached ones are only checked. */
function pullTime(world: World, task: Task, pace: Pace): number {
  const cached = world.containerInstances[task.containerInstanceArn]?.pulledImages ?? [];
  return pace.of(task.containers.every(({ image }) => cached.includes(image)) ? 'imagePullCached' : 'imagePull');
}

/** The images are here, or could not be pulled; what can be made is made next (`makeContainers`). */
function finishPull(context: Context, task: Task): void {
  const { world, now } = context;
  delete task.statusEndsAt;
  const obstacle = taskObstacle(world, task);
  if (obstacle !== undefined) {
    stopTask(context, task, { code: 'TaskFailedToStart', reason: obstacle, drain: false });
    return;
  }
  const pulled = new Set(world.containerInstances[task.containerInstanceArn]?.pulledImages);
  for (const container of task.containers) {
    const image = pullFor(world, task, container);
    if ('failure' in image) containerFailed(context, task.taskArn, container.name, { reason: image.failure });
    else pulled.add(container.image);
  }
  const instance = world.containerInstances[task.containerInstanceArn];
  if (instance && pulled.size > 0) instance.pulledImages = [...pulled];
  if (task.desiredStatus === 'STOPPED') return;
  task.pullStoppedAt = now;
  task.version++;
}

/** Makes the containers whose dependencies are as they wait for, and gives up those whose never will be. */
function makeContainers(world: World, task: Task, { time, pace, now, at }: Agenda): void {
  const definitions = definitionsOf(world, task);
  const ready: TaskContainer[] = [];
  const given: { container: TaskContainer; reason: string }[] = [];
  for (const container of task.containers) {
    if (container.lastStatus !== 'PENDING' || container.createdAt !== undefined) continue;
    const readiness = readinessOf(task, definitions, container, time, pace);
    if (readiness.state === 'ready') ready.push(container);
    else if (readiness.state === 'never') given.push({ container, reason: readiness.reason });
    else if (readiness.until !== undefined) at(readiness.until);
  }
  if (ready.length === 0 && given.length === 0) return;
  now({
    kind: 'containers-created',
    subject: task.taskArn,
    apply(context) {
      for (const { container, reason } of given) {
        // Nothing was running that a SIGTERM could have ended: the agent reports its exit code all the same.
        containerFailed(context, task.taskArn, container.name, {
          reason: `CannotStartContainerError: ${reason}`,
          exitCode: 143,
          // How ECS words the task's own reason here is not confirmed.
          stoppedReason: 'Task failed to start',
        });
      }
      for (const container of ready) {
        if (container.lastStatus !== 'PENDING') continue;
        const program = programOf(context.world, task, container);
        if ('failure' in program) {
          containerFailed(context, task.taskArn, container.name, { reason: program.failure });
          continue;
        }
        Object.assign(container, { createdAt: context.now, runtimeId: context.ids.hex(64) });
        const reason = createLogStreamOf(context, task, container);
        if (reason !== undefined)
          containerFailed(context, task.taskArn, container.name, { reason, stoppedReason: 'Task failed to start' });
      }
      task.version++;
    },
  });
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
      return effect('task-pulled', (context) => finishPull(context, task));
    case 'DEACTIVATING':
      return effect('task-stopping', (context) => beginStopping(context, task));
    case 'DEPROVISIONING':
      return effect('task-stopped', (context) => {
        task.lastStatus = 'STOPPED';
        task.stoppedAt = context.now;
        releaseInterface(context, task);
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

/** ECS registers a running task's target again when a person took it out. Undefined: all are there. */
function reregistration(world: World, task: Task): Effect | undefined {
  if (task.lastStatus !== 'RUNNING' || task.desiredStatus !== 'RUNNING' || task.registeredAs === undefined)
    return undefined;
  const missing = targetsOf(world, task).filter(
    ({ target }) => target === undefined || target.drainsUntil !== undefined,
  );
  if (missing.length === 0) return undefined;
  return {
    kind: 'task-registered-again',
    subject: task.taskArn,
    apply(context) {
      registerTargetsOf(context, task);
      const service = task.serviceArn === undefined ? undefined : world.services[task.serviceArn];
      if (!service) return;
      for (const { targetGroup } of missing)
        addEvent(context, service, `registered 1 targets in (target-group ${targetGroup.targetGroupArn})`);
    },
  };
}

/** A reboot ends every container; the agent says so when it is back. Undefined: the task began after it, or has no container yet. */
function rebootLoss({ rebootedAt }: Instance, task: Task): Effect | undefined {
  if (rebootedAt === undefined || task.createdAt >= rebootedAt) return undefined;
  return {
    kind: 'task-host-rebooted',
    subject: task.taskArn,
    apply: (context) =>
      stopTask(context, task, {
        code: 'EssentialContainerExited',
        reason: 'Essential container in task exited',
        drain: false,
      }),
  };
}

/** A task whose machine is gone ends with it. Undefined: the machine is there, or will be. */
function hostLoss(world: World, task: Task): Effect | undefined {
  if (task.lastStatus === 'STOPPED' || (task.desiredStatus === 'STOPPED' && task.lastStatus !== 'DEACTIVATING'))
    return undefined;
  const instance = world.containerInstances[task.containerInstanceArn];
  const host = instance && world.instances[instance.ec2InstanceId];
  if (host && (host.state === 'pending' || host.state === 'running')) return rebootLoss(host, task);
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

export const scheduleTasks: Schedule = (world, agenda) => {
  const { time, pace, now, at } = agenda;
  const activating = new Map<string, Task[]>();
  for (const task of Object.values(world.tasks)) {
    const lost = hostLoss(world, task);
    if (lost) {
      now(lost);
      continue;
    }
    const again = reregistration(world, task);
    if (again) now(again);
    const { taskArn, statusEndsAt } = task;
    if (task.lastStatus === 'STOPPED') {
      const apply: Effect['apply'] = (context) => delete context.world.tasks[taskArn];
      at((task.stoppedAt ?? time) + pace.of('taskForgotten'), { kind: 'task-forgotten', subject: taskArn, apply });
      continue;
    }
    if (task.lastStatus === 'PENDING' && task.pullStoppedAt !== undefined) makeContainers(world, task, agenda);
    if (statusEndsAt === undefined) continue;
    if (task.lastStatus === 'ACTIVATING' && statusEndsAt <= time) {
      const key = task.serviceArn ?? taskArn;
      activating.set(key, [...(activating.get(key) ?? []), task]);
    } else at(statusEndsAt, stepOf(world, task));
  }
  for (const tasks of activating.values()) now(activation(world, tasks));
};
