// The health check of a running container, again and again, as Docker does it: interval, timeout, retries, start period.
// Says only when the container becomes healthy or unhealthy. What the command does is health-command.ts's.
import type { HealthCheck } from '@aws-sdk/client-ecs';
import type { Clock } from '../../base/clock.ts';
import type { Pace } from '../pace.ts';
import type { Task, TaskContainer } from './records.ts';
import type { World } from '../world.ts';
import { playHealthCommand } from './health-command.ts';

/** Docker runs a check only in these two forms; any other first word means none. */
export function isPlayed(healthCheck: HealthCheck | undefined): healthCheck is HealthCheck {
  return ['CMD', 'CMD-SHELL'].includes(healthCheck?.command?.[0] ?? '');
}

export type HealthStatus = 'HEALTHY' | 'UNHEALTHY';

/** What a check makes of a container. */
export interface Verdict {
  /** Failures in a row that count. */
  failures: number;
  status: HealthStatus | undefined;
}

/**
 * Counts one result. Failures within the start period do not count until the first success ends it. Pure.
 * @param ageMs since the container started, as AWS counts it.
 */
export function judge(before: Verdict, succeeded: boolean, healthCheck: HealthCheck, ageMs: number): Verdict {
  if (succeeded) return { failures: 0, status: 'HEALTHY' };
  if (before.status === undefined && ageMs < (healthCheck.startPeriod ?? 0) * 1000) return before;
  const failures = before.failures + 1;
  return { failures, status: failures >= (healthCheck.retries ?? 3) ? 'UNHEALTHY' : before.status };
}

/** However fast the pace, a check gets this long: it asks a real process on a machine that may be busy. */
const leastTimeoutMs = 1_000;

export interface HealthWatchOptions {
  world: World;
  task: Task;
  container: TaskContainer;
  healthCheck: HealthCheck;
  clock: Clock;
  pace: Pace;
  /** Called when the status becomes another. */
  judged(status: HealthStatus): void;
  /** A line for people, told once: what of the check cannot be played. */
  note(line: string): void;
}

/** Checks until `stop`. The first check comes one interval after now, as with Docker. */
export function watchHealth(options: HealthWatchOptions): { stop(): void } {
  const { world, task, container, healthCheck, clock, pace, judged, note } = options;
  const startedAt = clock.now();
  let verdict: Verdict = { failures: 0, status: container.healthStatus };
  let noted = false;
  let cancelNext: (() => void) | undefined;
  let abort: AbortController | undefined;
  let stopped = false;

  function schedule(): void {
    if (!stopped) cancelNext = clock.after(pace.scale((healthCheck.interval ?? 30) * 1000), () => void check());
  }

  async function check(): Promise<void> {
    const running = new AbortController();
    abort = running;
    const { signal } = running;
    const timeoutMs = Math.max(leastTimeoutMs, pace.scale((healthCheck.timeout ?? 5) * 1000));
    const cancelTimeout = clock.after(timeoutMs, () => running.abort());
    const sleep = (ms: number): Promise<void> =>
      new Promise((resolve) => {
        const cancel = Number.isFinite(ms) ? clock.after(pace.scale(ms), resolve) : undefined;
        signal.addEventListener('abort', () => {
          cancel?.();
          resolve();
        });
      });
    const output = await playHealthCommand({
      world,
      task,
      container,
      command: healthCheck.command ?? [],
      sleep,
      signal,
    });
    cancelTimeout();
    if (stopped) return;
    const line = /^ecsdemo stand-in: .*$/m.exec(output.stderr)?.[0];
    if (line !== undefined && !noted) note(`${line} (health check)`);
    noted ||= line !== undefined;
    const ageMs = (clock.now() - startedAt) / pace.scale(1);
    const before = verdict.status;
    verdict = judge(verdict, output.exitCode === 0 && !signal.aborted, healthCheck, ageMs);
    if (verdict.status !== undefined && verdict.status !== before) judged(verdict.status);
    schedule();
  }

  schedule();
  return {
    stop() {
      stopped = true;
      cancelNext?.();
      abort?.abort();
    },
  };
}
