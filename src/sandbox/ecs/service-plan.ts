// The arithmetic of a rolling deployment: how many tasks to start, which to stop, within minimum and maximum percent.
// Pure numbers over a few facts per task; knows no world, no time and no placement.

export interface PlanTask {
  arn: string;
  /**
   * True for a task that counts towards the desired count for good: of the primary deployment, on an ACTIVE
   * container instance, not failing its health check. All others are to be replaced.
   */
  keep: boolean;
  /** `pending`: not RUNNING yet, or not known to be healthy. `failing`: to be replaced whatever the rest does. */
  state: 'pending' | 'healthy' | 'failing';
}

export interface ServicePlan {
  /** How many to start in the primary deployment. */
  start: number;
  /** Stop these now, in this order. */
  stop: string[];
  /** If not all of `start` find room: these healthy old ones may go first, most dispensable first. */
  dispensable: string[];
  /** The percentages leave no way forward. */
  stuck: boolean;
}

/** AWS rounds the minimum up and the maximum down. */
export function limitsOf(
  desired: number,
  minimumHealthyPercent: number,
  maximumPercent: number,
): { minimum: number; maximum: number } {
  return {
    minimum: Math.ceil((desired * minimumHealthyPercent) / 100),
    maximum: Math.floor((desired * maximumPercent) / 100),
  };
}

/**
 * @param tasks those wanted RUNNING, in the order in which surplus ones are to go.
 * @param mayStart false while starts are throttled or the deployment has failed.
 */
export function planService(
  {
    desired,
    minimumHealthyPercent,
    maximumPercent,
    mayStart,
  }: {
    desired: number;
    minimumHealthyPercent: number;
    maximumPercent: number;
    mayStart: boolean;
  },
  tasks: readonly PlanTask[],
): ServicePlan {
  const { minimum, maximum } = limitsOf(desired, minimumHealthyPercent, maximumPercent);
  const kept = tasks.filter(({ keep }) => keep);
  const others = tasks.filter(({ keep }) => !keep);
  const oldHealthy = others.filter(({ state }) => state === 'healthy');

  // Surplus of the primary itself (scaling in): what serves nobody goes first.
  const surplus = [...kept]
    .sort((a, b) => Number(a.state === 'healthy') - Number(b.state === 'healthy'))
    .slice(0, Math.max(0, kept.length - desired));
  const remaining = kept.filter((task) => !surplus.includes(task));
  const missing = desired - remaining.length;

  const healthy = remaining.filter(({ state }) => state === 'healthy').length + oldHealthy.length;
  const replaced = Math.max(0, Math.min(healthy - desired, oldHealthy.length));
  const stop = [
    ...surplus,
    // Neither of these two adds to the healthy count.
    ...others.filter(({ state }) => state !== 'healthy'),
    ...oldHealthy.slice(0, replaced),
  ].map(({ arn }) => arn);

  const start = mayStart ? Math.max(0, Math.min(missing, maximum - tasks.length)) : 0;
  const allowed = Math.max(0, healthy - replaced - minimum);
  const short = mayStart ? missing - start : 0;
  const mayGo = oldHealthy.slice(replaced, replaced + allowed).map(({ arn }) => arn);
  // With no room under the maximum the way forward is through the minimum.
  const forced = start === 0 && stop.length === 0 ? mayGo.slice(0, short) : [];
  const waiting = tasks.some(({ state }) => state === 'pending');
  return {
    start,
    stop: [...stop, ...forced],
    dispensable: mayGo.slice(forced.length),
    stuck:
      mayStart &&
      missing > 0 &&
      start === 0 &&
      stop.length === 0 &&
      forced.length === 0 &&
      !waiting &&
      oldHealthy.length > 0,
  };
}

/** The circuit breaker's threshold: half the desired count, between 3 and 200, or what was set (aws-facts §12). */
export function breakerThreshold(desired: number, setting: { type: string; value: number } | undefined): number {
  if (setting?.type === 'COUNT') return Math.max(1, setting.value);
  const share = Math.ceil((desired * (setting?.value ?? 50)) / 100);
  if (setting?.type === 'UNBOUNDED_PERCENT') return Math.max(1, share);
  return Math.min(200, Math.max(3, share));
}
