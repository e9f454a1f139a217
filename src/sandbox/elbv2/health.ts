// How probe results become a target's health: thresholds, reasons, matchers, and how often to probe. Pure; the probing
// itself is probes.ts's.
import type { Pace } from '../pace.ts';
import type { TargetGroup, TargetState } from './records.ts';
import type { TargetStanding } from './targets.ts';

type HealthCheck = TargetGroup['healthCheck'];

/** What one probe found. */
export type ProbeResult = { kind: 'status'; code: number } | { kind: 'timeout' } | { kind: 'failed' };

/** Consecutive results, kept by the prober from one probe to the next. */
export interface ProbeCounts {
  successes: number;
  failures: number;
}

/** Whether a status code is one that the matcher (`200`, `200-299`, `200,301`) takes for success. */
export function matches(matcher: string, code: number): boolean {
  return matcher.split(',').some((part) => {
    const [from = '', to = from] = part.split('-');
    return code >= Number(from) && code <= Number(to);
  });
}

/** What a failed probe makes a target, in DescribeTargetHealth's words. Undefined for a success. */
export function failureOf(result: ProbeResult, healthCheck: HealthCheck): TargetStanding | undefined {
  switch (result.kind) {
    case 'timeout':
      return { state: 'unhealthy', reason: 'Target.Timeout', description: 'Request timed out' };
    case 'failed':
      return { state: 'unhealthy', reason: 'Target.FailedHealthChecks', description: 'Health checks failed' };
    case 'status':
      if (matches(healthCheck.matcher, result.code)) return undefined;
      return {
        state: 'unhealthy',
        reason: 'Target.ResponseCodeMismatch',
        description: `Health checks failed with these codes: [${result.code}]`,
      };
  }
}

/**
 * A target that was just registered gets this long before refused connections make it unhealthy: the sandbox hurries
 * time, but a process still needs its real time to start, more on a machine with much to do.
 */
const leastStartMs = 2_000;

/**
 * Counts one result and tells what the target becomes by it.
 * One success makes an `initial` target healthy, an unhealthy one needs the healthy threshold (aws-facts §8).
 * @param ageMs real milliseconds since the target was registered.
 * @returns the counts to go on with, and the standing when it is another than `target` has.
 */
export function judge(
  target: { state: TargetState; reason?: string | undefined; description?: string | undefined },
  counts: ProbeCounts,
  result: ProbeResult,
  healthCheck: HealthCheck,
  ageMs: number,
): { counts: ProbeCounts; standing?: TargetStanding } {
  const failure = failureOf(result, healthCheck);
  const next: ProbeCounts = failure
    ? { successes: 0, failures: counts.failures + 1 }
    : { successes: counts.successes + 1, failures: 0 };
  const standing = standingAfter(target.state, next, failure, result, healthCheck, ageMs);
  const same =
    !standing ||
    (standing.state === target.state &&
      standing.reason === target.reason &&
      standing.description === target.description);
  return { counts: next, ...(same ? {} : { standing }) };
}

function standingAfter(
  state: TargetState,
  counts: ProbeCounts,
  failure: TargetStanding | undefined,
  result: ProbeResult,
  healthCheck: HealthCheck,
  ageMs: number,
): TargetStanding | undefined {
  if (!failure) {
    if (state === 'healthy') return undefined;
    const needed = state === 'initial' ? 1 : healthCheck.healthyThreshold;
    return counts.successes >= needed ? { state: 'healthy' } : undefined;
  }
  if (state === 'unhealthy') return failure;
  const starting = state === 'initial' && result.kind === 'failed' && ageMs < leastStartMs;
  if (counts.failures >= healthCheck.unhealthyThreshold && !starting) return failure;
  if (state !== 'initial') return undefined;
  return { state: 'initial', reason: 'Elb.InitialHealthChecking', description: 'Initial health checks in progress' };
}

/** A probe that runs this long after a fast one is still soon enough for a person. */
const calmIntervalMs = 2_000;

/** Successes in a row after which a target counts as calm. */
const calmAfter = 5;

/**
 * Milliseconds until the next probe. The group's interval as the pace plays it, never below 20 ms. A target that keeps
 * passing is probed less and less often, up to every two seconds, when the pace makes the interval shorter than that:
 * 200 targets at 5 s / 50 would otherwise cost 2,000 probes a second. The first failure, or a request that could not be
 * delivered, brings the short interval back.
 */
export function probeIntervalMs(healthCheck: HealthCheck, pace: Pace, state: TargetState, counts: ProbeCounts): number {
  const intervalMs = Math.max(20, pace.scale(healthCheck.intervalSeconds * 1000));
  if (state !== 'healthy' || counts.successes <= calmAfter || intervalMs >= calmIntervalMs) return intervalMs;
  return Math.min(calmIntervalMs, intervalMs * 2 ** Math.min(10, counts.successes - calmAfter));
}

/** Milliseconds until a probe without an answer has failed: never below one real second, so that load fails nothing. */
export function probeTimeoutMs(healthCheck: HealthCheck, pace: Pace): number {
  return Math.max(1_000, pace.scale(healthCheck.timeoutSeconds * 1000));
}
