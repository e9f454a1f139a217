// What the runtime of containers tells: one started, one ended. The only way that facts about processes enter the world.
import type { Context } from '../handler.ts';
import type { NetworkBinding, Task, TaskContainer, World } from '../world.ts';
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
    return;
  }
  const taskDefinition = context.world.taskDefinitions[task.taskDefinitionArn];
  const document = taskDefinition ? documentOf(taskDefinition) : undefined;
  const definition = document?.containerDefinitions.find((one) => one.name === name);
  const mappings = document && definition ? portMappingsOf(definition, document.networkMode) : [];
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
  container.runtimeId = context.ids.hex(64);
  task.version++;
  if (task.desiredStatus === 'RUNNING' && task.containers.every(({ lastStatus }) => lastStatus !== 'PENDING')) {
    task.lastStatus = 'ACTIVATING';
    task.statusEndsAt = context.now + context.pace.of('taskProvisioning');
  }
}

/** The container's program ended, by itself or by our signal. `exitCode`: 137 after SIGKILL, 143 for an unhandled SIGTERM. */
export function containerExited(context: Context, taskArn: string, name: string, exitCode: number): void {
  const found = find(context.world, taskArn, name);
  if (!found || found.container.lastStatus === 'STOPPED') return;
  const { task, container } = found;
  // It did run, however short: ECS tells such a task from one that never started.
  if (container.lastStatus === 'RUNNING') task.startedAt ??= context.now;
  container.lastStatus = 'STOPPED';
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
  }
}

/** The container could not be made at all: `reason` is the agent's `Cannot…Error: …`. */
export function containerFailed(context: Context, taskArn: string, name: string, reason: string): void {
  const found = find(context.world, taskArn, name);
  if (!found || found.container.lastStatus === 'STOPPED') return;
  found.container.lastStatus = 'STOPPED';
  found.container.reason = reason;
  stopTask(context, found.task, { code: 'TaskFailedToStart', reason, drain: false });
}
