// Carries Run Commands out, as the agent on the instance does: plays the scripts of what is in progress, reports what came
// of them. A runtime: the world says what is in progress; jobs that a restart interrupted are played again.
import type { Clock } from '../../base/clock.ts';
import type { ChangeWorld, Runtime } from '../loop.ts';
import type { Pace } from '../pace.ts';
import type { Command } from './records.ts';
import type { World } from '../world.ts';
import { runScript } from './instance-commands.ts';
import type { Output } from '../shell/output.ts';
import { failure } from '../shell/output.ts';

/** GetCommandInvocation gives the first so many characters (SDK). */
const maxStdout = 24_000;
const maxStderr = 8_000;

interface Job {
  abort: AbortController;
  done: Promise<void>;
}

export function createRunCommands({ change, clock, pace }: { change: ChangeWorld; clock: Clock; pace: Pace }): Runtime {
  const jobs = new Map<string, Job>();
  let closed = false;

  function finish(
    commandId: string,
    instanceId: string,
    status: 'Success' | 'Failed' | 'TimedOut',
    output: Output,
  ): void {
    if (closed) return;
    change(({ world, now }) => {
      const invocation = world.commands[commandId]?.invocations[instanceId];
      if (invocation === undefined) return;
      invocation.status = status;
      invocation.responseCode = output.exitCode;
      invocation.stdout = output.stdout.slice(0, maxStdout);
      invocation.stderr = output.stderr.slice(0, maxStderr);
      invocation.endedAt = now;
    });
  }

  /** Resolves after `ms`, or at once when the job is aborted. */
  function wait(ms: number, signal: AbortSignal): Promise<void> {
    if (signal.aborted) return Promise.resolve();
    return new Promise((resolve) => {
      const stop = (): void => {
        cancel();
        resolve();
      };
      const cancel = clock.after(ms, () => {
        signal.removeEventListener('abort', stop);
        resolve();
      });
      signal.addEventListener('abort', stop, { once: true });
    });
  }

  async function play(world: World, command: Command, instanceId: string, abort: AbortController): Promise<void> {
    const { commandId, parameters } = command;
    const signal = abort.signal;
    const instance = world.instances[instanceId];
    if (instance === undefined) return finish(commandId, instanceId, 'TimedOut', failure(-1, ''));
    const limitMs = pace.scale(Number(parameters['executionTimeout']?.[0] ?? 3600) * 1000);
    // A second of this machine at least: on a fast pace a slow laptop is not the script's fault.
    const cancelLimit = clock.after(Math.max(1000, limitMs), () => abort.abort());
    const output = await runScript(
      { world, instance, now: () => clock.now(), sleep: (seconds) => wait(pace.scale(seconds * 1000), signal), signal },
      parameters['commands'] ?? [],
    );
    cancelLimit();
    if (signal.aborted) finish(commandId, instanceId, 'TimedOut', { ...output, exitCode: 137 });
    else finish(commandId, instanceId, output.exitCode === 0 ? 'Success' : 'Failed', withExitStatus(output));
  }

  return {
    sync(world) {
      if (closed) return;
      for (const command of Object.values(world.commands)) {
        for (const [instanceId, invocation] of Object.entries(command.invocations)) {
          const key = `${command.commandId}/${instanceId}`;
          if (invocation.status !== 'InProgress' || jobs.has(key)) continue;
          const abort = new AbortController();
          const done = play(world, command, instanceId, abort)
            .catch((error: unknown) =>
              finish(command.commandId, instanceId, 'Failed', failure(1, `sandbox: ${String(error)}\n`)),
            )
            .finally(() => jobs.delete(key));
          jobs.set(key, { abort, done });
        }
      }
    },
    async close() {
      closed = true;
      const running = [...jobs.values()];
      for (const job of running) job.abort.abort();
      await Promise.all(running.map((job) => job.done));
    },
  };
}

/** The SSM agent ends a failed script's standard error with this line. */
function withExitStatus(output: Output): Output {
  return output.exitCode === 0
    ? output
    : { ...output, stderr: `${output.stderr}failed to run commands: exit status ${output.exitCode}` };
}
