// What the runtime of containers tells: one started, one ended. The only way that facts about processes enter the world.
import type { Context } from '../handler.ts';
import type { NetworkBinding, Task, TaskContainer } from './records.ts';
import type { World } from '../world.ts';
import { sharesPorts } from './container-program.ts';
import { documentOf, portMappingsOf } from './task-definition-document.ts';
import { finishStopping, stopTask } from './task-stop.ts';

function find(world: World, taskArn: string, name: string): { task: Task; container: TaskContainer } | undefined {
  const task = world.tasks[taskArn];
  const container = task?.containers.find((one) => one.name === name);
  return task && container ? { task, container } : undefined;
}

/** `port`, or the next one up that no other task of the instance shows: after a restart two could end up on one. */
function freeHostPort(world: World, task: Task, port: number): number {
  const taken = new Set(
    Object.values(world.tasks)
      .filter((other) => other.containerInstanceArn === task.containerInstanceArn && other.lastStatus !== 'STOPPED')
      .filter(({ attachment }) => attachment === undefined)
      .flatMap((other) =>
        other.containers.flatMap(({ networkBindings }) => networkBindings.map(({ hostPort }) => hostPort)),
      ),
  );
  let free = port;
  while (taken.has(free)) free = free >= 60_999 ? 32_768 : free + 1;
  return free;
}

/**
 * The container's program runs.
 * `listening`: the container port its program listens on, and where that is on this machine's loopback.
 * A mapping of any other container port leads to a port where nothing listens, as in reality.
 */
export function containerStarted(
  context: Context,
  taskArn: string,
  name: string,
  listening?: { containerPort: number; localPort: number },
): void {
  const found = find(context.world, taskArn, name);
  if (!found || found.container.lastStatus === 'STOPPED') return;
  const { task, container } = found;
  if (container.lastStatus === 'RUNNING') {
    // Started again after a restart of the sandbox: the API's port stays, the real one may have moved.
    for (const binding of container.networkBindings) {
      if (binding.containerPort === listening?.containerPort) binding.localPort = listening.localPort;
    }
    if (listening) container.listening = listening;
    return;
  }
  const taskDefinition = context.world.taskDefinitions[task.taskDefinitionArn];
  const document = taskDefinition ? documentOf(taskDefinition) : undefined;
  const definition = document?.containerDefinitions.find((one) => one.name === name);
  const mappings = document && definition ? portMappingsOf(definition, document.networkMode) : [];
  if (listening) container.listening = listening;
  // On a network without Docker's bridge whatever listens is there, mapped or not.
  if (
    sharesPorts(task) &&
    listening &&
    !mappings.some(({ containerPort }) => containerPort === listening.containerPort)
  )
    mappings.push({ containerPort: listening.containerPort, hostPort: listening.containerPort, protocol: 'tcp' });
  container.networkBindings = mappings.map((mapping): NetworkBinding => {
    const { containerPort, hostPort, protocol } = mapping;
    const served = protocol === 'tcp' && listening?.containerPort === containerPort;
    const localPort = served ? listening.localPort : context.reservePort();
    return {
      containerPort,
      hostPort: hostPort > 0 ? hostPort : freeHostPort(context.world, task, localPort),
      localPort,
      protocol,
    };
  });
  container.lastStatus = 'RUNNING';
  container.startedAt = context.now;
  container.runtimeId ??= context.ids.hex(64);
  task.version++;
  activateOnceUp(context, task);
}

/** A task is up when every container has started, those that are over again included. */
function activateOnceUp(context: Context, task: Task): void {
  if (task.desiredStatus !== 'RUNNING' || task.lastStatus !== 'PENDING') return;
  if (task.containers.some(({ lastStatus }) => lastStatus === 'PENDING')) return;
  task.lastStatus = 'ACTIVATING';
  task.statusEndsAt = context.now + context.pace.of('taskProvisioning');
}

/** The container's program ended, by itself or by our signal. `exitCode`: 137 after SIGKILL, 143 for an unhandled SIGTERM. */
export function containerExited(context: Context, taskArn: string, name: string, exitCode: number): void {
  const found = find(context.world, taskArn, name);
  if (!found || found.container.lastStatus === 'STOPPED') return;
  const { task, container } = found;
  // It did run, however short: ECS tells such a task from one that never started. A helper that ends is no start.
  if (container.essential && container.lastStatus === 'RUNNING') task.startedAt ??= context.now;
  container.lastStatus = 'STOPPED';
  container.stoppedAt = context.now;
  container.exitCode = exitCode;
  task.version++;
  if (task.desiredStatus === 'STOPPED') {
    finishStopping(context, task);
  } else if (container.essential || task.containers.every(({ lastStatus }) => lastStatus === 'STOPPED')) {
    stopTask(context, task, {
      code: 'EssentialContainerExited',
      reason: 'Essential container in task exited',
      drain: false,
    });
  } else {
    activateOnceUp(context, task);
  }
}

export interface FailedContainer {
  /** The agent's `Cannot…Error: …`. */
  reason: string;
  /** Absent: Docker gave none. */
  exitCode?: number;
  /** Why the task stops with it. @default the container's own reason */
  stoppedReason?: string;
}

/** The container could not be made at all. A task can do without one that is not essential. */
export function containerFailed(context: Context, taskArn: string, name: string, failure: FailedContainer): void {
  const found = find(context.world, taskArn, name);
  if (!found || found.container.lastStatus === 'STOPPED') return;
  const { task, container } = found;
  const { reason, exitCode, stoppedReason = reason } = failure;
  container.lastStatus = 'STOPPED';
  container.stoppedAt = context.now;
  container.reason = reason;
  if (exitCode !== undefined) container.exitCode = exitCode;
  task.version++;
  if (container.essential || task.containers.every(({ lastStatus }) => lastStatus === 'STOPPED')) {
    stopTask(context, task, { code: 'TaskFailedToStart', reason: stoppedReason, drain: false });
  } else {
    activateOnceUp(context, task);
  }
}

/** A health check made the container healthy, or has failed as often as it may. */
export function containerJudged(
  context: Context,
  taskArn: string,
  name: string,
  healthStatus: 'HEALTHY' | 'UNHEALTHY',
): void {
  const found = find(context.world, taskArn, name);
  if (found?.container.lastStatus !== 'RUNNING') return;
  found.container.healthStatus = healthStatus;
  found.task.version++;
}
