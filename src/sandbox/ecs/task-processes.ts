// The containers of tasks as processes of this machine: each a bundled stand-in, in a process group of its own.
// Follows the world and reports to it; knows nothing of services. Nothing from the API is ever executed, and no process
// gets anything of our environment. A container's line to us closes when we die, and it dies with it.
import { spawn, type ChildProcess } from 'node:child_process';
import { closeSync } from 'node:fs';
import path from 'node:path';
import type { Clock } from '../../base/clock.ts';
import type { ChangeWorld, Runtime } from '../loop.ts';
import type { Pace } from '../pace.ts';
import type { Task, TaskContainer } from './records.ts';
import type { World } from '../world.ts';
import { awslogsOutput } from './awslogs.ts';
import { createContainerOutputs, lineSplitter, type ContainerOutput } from './container-output.ts';
import { definitionsOf, environmentOf, notPlayed, programOf, shortIdOf } from './container-program.ts';
import { mayStop } from './container-order.ts';
import type { Behaviour } from './image-commands.ts';
import { imagesDirectory } from '../../base/package-root.ts';
import { isPlayed, watchHealth, type HealthStatus } from './health-checks.ts';
import { containerExited, containerJudged, containerStarted } from './task-reports.ts';

export interface TaskProcessesOptions {
  change: ChangeWorld;
  clock: Clock;
  pace: Pace;
  /** For the output of containers: see container-output.ts. */
  logDir: string;
}

/** However fast the pace, what answers slowly is slower than any probe waits (probeTimeoutMs). */
const slowestMs = 1_500;
/** However fast the pace, a process gets this long to end by itself before SIGKILL. */
const minimumStopMs = 200;
/** Small heaps: a stand-in needs next to nothing, and there may be hundreds. */
const nodeFlags = ['--max-old-space-size=32', '--max-semi-space-size=1', '--no-warnings'];

interface Running {
  taskArn: string;
  name: string;
  child: ChildProcess;
  behaviour: Behaviour;
  started: boolean;
  stopping: boolean;
  cancelKill?: () => void;
  /** Set while its health check is watched. */
  health?: { stop(): void } | undefined;
}

/** A container that the world wants running: made, not over, its task not being stopped. */
function isWanted(task: Task, { lastStatus, createdAt }: TaskContainer): boolean {
  if (!['PENDING', 'ACTIVATING', 'RUNNING', 'DEACTIVATING'].includes(task.lastStatus)) return false;
  return lastStatus === 'RUNNING' || (lastStatus === 'PENDING' && createdAt !== undefined);
}

/** Docker's exit code of a process ended by a signal. */
function exitCodeOf(code: number | null, signal: NodeJS.Signals | null): number {
  if (code !== null) return code;
  return signal === 'SIGTERM' ? 143 : 137;
}

/** Hands the lines of a process to its output, until it is over. */
function follow(child: ChildProcess, output: ContainerOutput): void {
  const splitter = lineSplitter();
  child.stdout?.on('error', () => {});
  child.stdout?.on('data', (chunk: Buffer) => output.lines(splitter.push(chunk)));
  child.stdout?.on('close', () => output.lines(splitter.rest()));
  child.on('close', () => output.end());
  child.on('error', () => output.end());
}

export interface TaskProcesses extends Runtime {
  /** Ends the processes of a task with SIGKILL, as a fault would. One that has none is no error. */
  kill(taskArn: string): void;
}

/**
 * Keeps one process per container that the world wants running.
 * `close` ends them all (SIGTERM, then SIGKILL) and reports none of it: the world will want them again when it is reopened.
 */
export function createTaskProcesses({ change, clock, pace, logDir }: TaskProcessesOptions): TaskProcesses {
  const running = new Map<string, Running>();
  const outputs = createContainerOutputs(logDir, (task, container) =>
    change((context) => awslogsOutput(context, task, container, clock)),
  );
  const images = imagesDirectory();
  let closed = false;

  function signal(one: Running, name: NodeJS.Signals): void {
    const { pid } = one.child;
    if (pid === undefined) return;
    try {
      // The group, so that nothing a stand-in might have started survives it.
      process.kill(-pid, name);
    } catch {
      one.child.kill(name);
    }
  }

  function watch(world: World, task: Task, container: TaskContainer, output: ContainerOutput): Running['health'] {
    const { healthCheck } = definitionsOf(world, task).find(({ name }) => name === container.name) ?? {};
    const note = (line: string): void => output.lines([line]);
    if (!isPlayed(healthCheck)) return undefined;
    const judged = (status: HealthStatus): void =>
      change((context) => containerJudged(context, task.taskArn, container.name, status));
    return watchHealth({ world, task, container, healthCheck, clock, pace, judged, note });
  }

  function stop(one: Running, timeoutSeconds: number): void {
    if (one.stopping) return;
    one.stopping = true;
    // What it answers from now on says nothing of its health.
    one.health?.stop();
    signal(one, 'SIGTERM');
    one.cancelKill = clock.after(Math.max(minimumStopMs, pace.scale(timeoutSeconds * 1000)), () =>
      signal(one, 'SIGKILL'),
    );
  }

  /** @throws when this machine has no room for a process or its log. */
  function launch(script: string, settings: object, log: number): ChildProcess {
    try {
      return spawn(process.execPath, [...nodeFlags, path.join(images, script), JSON.stringify(settings)], {
        cwd: images,
        detached: true,
        env: {},
        stdio: ['ignore', 'pipe', log, 'pipe'],
      });
    } finally {
      closeSync(log);
    }
  }

  function start(key: string, world: World, task: Task, container: TaskContainer, behaviour: Behaviour): void {
    // After a restart it listens where it did.
    const port = container.listening?.containerPort === behaviour.port ? container.listening?.localPort : undefined;
    // One that listens late cannot tell its port at the start, so it is given one.
    const late = behaviour.listensAfterMs !== undefined && port === undefined;
    const settings = {
      ...behaviour,
      // Answers carry it, so that people see who served them.
      hostname: shortIdOf(task, container),
      environment: environmentOf(world, task, container),
      listen: port ?? (late ? change((context) => context.reservePort()) : 0),
      ...(behaviour.listensAfterMs === undefined ? {} : { listensAfterMs: pace.scale(behaviour.listensAfterMs) }),
      ...(behaviour.answersAfterMs === undefined
        ? {}
        : { answersAfterMs: Math.max(slowestMs, pace.scale(behaviour.answersAfterMs)) }),
      ...(behaviour.exitsAfterMs === undefined
        ? {}
        : { exitsAfterMs: Math.max(behaviour.exitsAfterMs === 0 ? 0 : 1, pace.scale(behaviour.exitsAfterMs)) }),
    };
    const child = launch(behaviour.script, settings, outputs.openLog(task, container));
    const output = outputs.open(task, container);
    const definition = definitionsOf(world, task).find(({ name }) => name === container.name);
    if (definition) output.lines(notPlayed(definition));
    follow(child, output);
    const one: Running = {
      taskArn: task.taskArn,
      name: container.name,
      child,
      behaviour,
      started: false,
      stopping: false,
    };
    running.set(key, one);
    const line = child.stdio[3];
    let told = '';
    line?.on('error', () => {});
    line?.on('data', (chunk: Buffer) => {
      told += chunk.toString('latin1');
      const ready = /^ready (\d+)\n/.exec(told);
      if (!ready || one.started || closed) return;
      one.started = true;
      one.health = watch(world, task, container, output);
      const localPort = Number(ready[1]);
      const listening =
        behaviour.port === undefined || localPort === 0 ? undefined : { containerPort: behaviour.port, localPort };
      change((context) => containerStarted(context, one.taskArn, one.name, listening));
    });
    let over = false;
    const ended = (exitCode: number): void => {
      if (over) return;
      over = true;
      one.cancelKill?.();
      one.health?.stop();
      running.delete(key);
      line?.destroy();
      if (closed) return;
      change((context) => {
        // It did start, or there would be no exit; whoever looks sees it so.
        if (!one.started && !one.stopping) containerStarted(context, one.taskArn, one.name);
        containerExited(context, one.taskArn, one.name, exitCode);
      });
    };
    // Not 'exit': the last lines come after it, and they belong to the time before the end is told.
    child.on('close', (code, name) => ended(exitCodeOf(code, name)));
    child.on('error', () => ended(126));
  }

  /** False when this machine has no process, descriptor or disk left for it: the container then counts as ended. */
  function tryToStart(key: string, world: World, task: Task, container: TaskContainer, behaviour: Behaviour): boolean {
    try {
      start(key, world, task, container, behaviour);
      return true;
    } catch {
      return running.has(key);
    }
  }

  return {
    sync(world) {
      if (closed) return;
      const wanted = new Set<string>();
      const lost: { taskArn: string; name: string }[] = [];
      for (const task of Object.values(world.tasks)) {
        if (task.lastStatus === 'STOPPED') continue;
        for (const container of task.containers) {
          const key = container.containerArn;
          if (isWanted(task, container)) {
            wanted.add(key);
            if (running.has(key)) continue;
            const program = programOf(world, task, container);
            if ('failure' in program || !tryToStart(key, world, task, container, program))
              lost.push({ taskArn: task.taskArn, name: container.name });
          } else if (task.lastStatus === 'STOPPING' && container.lastStatus !== 'STOPPED') {
            const one = running.get(key);
            // No process of it: the sandbox was killed while the task was stopping, and the process ended with it.
            if (one && mayStop(task, definitionsOf(world, task), container))
              stop(one, container.stopTimeoutSeconds ?? 30);
            else if (!one) lost.push({ taskArn: task.taskArn, name: container.name });
          }
        }
      }
      for (const [key, one] of running) {
        const task = world.tasks[one.taskArn];
        if (!wanted.has(key) && task?.lastStatus !== 'STOPPING') stop(one, 0);
      }
      outputs.forget(world);
      if (lost.length === 0) return;
      // Told after this change is settled: what is reported from within would wait for the next one.
      queueMicrotask(() => {
        if (closed) return;
        change((context) => {
          for (const { taskArn, name } of lost) containerExited(context, taskArn, name, 137);
        });
      });
    },
    kill(taskArn) {
      for (const one of running.values()) if (one.taskArn === taskArn) signal(one, 'SIGKILL');
    },
    async close() {
      closed = true;
      for (const one of running.values()) one.health?.stop();
      await Promise.all(
        [...running.values()].map(async (one) => {
          if (one.child.pid === undefined) return;
          // With its last lines told: what has closed already is running no more.
          const gone = new Promise<void>((resolve) => one.child.once('close', () => resolve()));
          signal(one, 'SIGTERM');
          // Real time: a test's clock may stand still while the processes do not.
          const kill = setTimeout(() => signal(one, 'SIGKILL'), 1_000);
          await gone;
          clearTimeout(kill);
          one.cancelKill?.();
        }),
      );
      running.clear();
    },
  };
}
