// Reading the service and waiting until it is settled, which is more than ECS's own "stable": the rollout is complete and
// every target is healthy. Changes nothing.
import type { Deployment, Service } from '@aws-sdk/client-ecs';
import { DescribeTargetHealthCommand, type TargetHealthDescription } from '@aws-sdk/client-elastic-load-balancing-v2';
import { findCause, toError, type Told } from '../../aws/diagnosis.ts';
import { gather, unstableCalls } from '../../aws/evidence.ts';
import { elsewhereLine, insteadOfElsewhere } from '../../aws/elsewhere.ts';
import { orAbsent } from '../../aws/faults.ts';
import { counted } from '../../base/counted.ts';
import { EcsdemoError } from '../../base/errors.ts';
import { sameAgain, type Suggestion } from '../../base/suggestion.ts';
import type { Observation } from '../../engine/types.ts';
import { watchPresence } from '../presence.ts';
import type { Work } from '../resource.ts';
import { describeService } from './describe-service.ts';
import { hopelessCalls, refuseHopeless } from './hopeless.ts';
import type { Placing } from './placement.ts';

/** What `waitSettled` calls. */
export const settleCalls = [
  'ecs:DescribeServices',
  'elasticloadbalancing:DescribeTargetHealth',
  ...hopelessCalls,
  ...unstableCalls,
] as const;

export interface Behind {
  /** Undefined: the target group does not exist (yet), and so no targets. */
  targetGroupArn: string | undefined;
  containerName: string;
  containerPort: number;
}

/** What is waited for, and what was found out about it before. */
export interface Settling {
  name: string;
  cluster: string;
  /** Where it registers its tasks. Undefined: it is behind no load balancer, and nobody asks for its targets. */
  behind: Behind | undefined;
  /** EC2 ids of the container instances, as far as they are known. */
  instanceIds: readonly string[];
  /** What advice on its failures depends on. */
  told?: Told;
  /** Told of every look: what was seen last is known also when the wait fails. */
  looked?: (service: Service | undefined, targets: TargetHealthDescription[]) => void;
}

/** Who the target group lists; empty when there is no target group. */
export async function describeTargets(
  { aws }: Pick<Work, 'aws'>,
  TargetGroupArn: string | undefined,
): Promise<TargetHealthDescription[]> {
  if (TargetGroupArn === undefined) return [];
  const found = await orAbsent(aws.elbv2.send(new DescribeTargetHealthCommand({ TargetGroupArn })));
  return found?.TargetHealthDescriptions ?? [];
}

export interface SettleOptions {
  /** Failures up to then are history: see `presentOf`. Milliseconds since the epoch. */
  since: number;
  /** Ids of the service events that were there before. */
  seen: Set<string>;
  typicalMs: number;
  /** The command that waits, which a suggestion may repeat. */
  by: Placing['by'];
  /** Absent: as long as the command may take. */
  limitMs?: number;
  /** What was read just now and not changed since: the first look need not ask again. */
  first?: Service | undefined;
  /** True once what is read shows what was last asked for: a description may be older than the change before it. */
  agrees: (service: Service) => boolean;
  /** Id of a failed deployment that was replaced just now: reading it once more is no news. */
  replaced?: string | undefined;
}

/** The deployment that is to be; ECS lists it first, but does not promise to. */
export function primaryOf(service: Service): Deployment | undefined {
  return service.deployments?.find(({ status }) => status === 'PRIMARY') ?? service.deployments?.[0];
}

/**
 * The moment, on ECS's clock, up to which what went wrong is history: that of the newest event of the service as it is
 * now. What a repair has just cured must not be taken for its failure. Milliseconds since the epoch.
 */
export function presentOf(service: Service | undefined): number {
  const newest = Math.max(...(service?.events ?? []).map(({ createdAt }) => Number(createdAt ?? 0)));
  // Without events there is no history; ECS's clock is not ours, so a little before now still counts as now.
  return Number.isFinite(newest) ? newest : Date.now() - 5000;
}

/** Waits until the rollout is complete, exactly the desired tasks run, and as many targets are healthy. */
export async function waitSettled(at: Work, wanted: Settling, options: SettleOptions): Promise<Service> {
  const { aws, run } = at;
  const { name, cluster } = wanted;
  const { since, seen, typicalMs, limitMs, first, agrees, replaced, by } = options;
  let standing = '';
  let standsSince = 0;
  let askAfter = stuckMs;
  let failures = 0;
  let started = 0;
  let agreedAt = 0;
  let known = first;
  let last: { service?: Service | undefined; targets: TargetHealthDescription[] } = { targets: [] };
  let advice: readonly Suggestion[] = [];
  const causeOf = async (service: Service, targets: TargetHealthDescription[], from: number) => {
    const evidence = await gather(aws, cluster, service, targets, from, wanted.told);
    return { evidence, cause: findCause(evidence) };
  };
  const presence = watchPresence(`service "${name}"`);
  const look = async (elapsedMs: number): Promise<Observation<Service>> => {
    const [service, targets] = await Promise.all([
      known ?? describeService(at, wanted).then((found) => found.service),
      describeTargets(at, wanted.behind?.targetGroupArn),
    ]);
    known = undefined;
    last = { service, targets };
    wanted.looked?.(service, targets);
    // A service that is being deleted is as good as gone.
    presence.look(service !== undefined && service.status !== 'DRAINING');
    if (service === undefined) return { done: false, state: 'not listed' };
    tellEvents(at, service, seen);
    const healthy = targets.filter(({ TargetHealth }) => TargetHealth?.State === 'healthy').length;
    const desired = service.desiredCount ?? 0;
    const running = service.runningCount ?? 0;
    const deployments = service.deployments ?? [];
    const primary = primaryOf(service);
    const complete = deployments.length === 1 && (primary?.rolloutState ?? 'COMPLETED') === 'COMPLETED';
    const leaving = targets.filter(({ TargetHealth }) => TargetHealth?.State === 'draining').length;
    if (!agrees(service) || (replaced !== undefined && primary?.id === replaced)) {
      if (elapsedMs - agreedAt >= disagreementMs) throw changedMeanwhile(service);
      return { done: false, state: 'the change is not listed yet' };
    }
    agreedAt = elapsedMs;
    if (
      complete &&
      running === desired &&
      (service.pendingCount ?? 0) === 0 &&
      (wanted.behind === undefined || (healthy === desired && targets.length - leaving === desired))
    ) {
      return { done: true, value: service };
    }
    // The stopped tasks are only asked for when something says that there are some.
    // ECS counts failures of a rollout only: of tasks that fail while scaling, starting others again is all one sees.
    const startings = startingEvents(service, since);
    const again = startings > Math.max(1, started);
    started = startings;
    const failing =
      primary?.rolloutState === 'FAILED' ||
      (primary?.failedTasks ?? 0) > failures ||
      again ||
      unhealthyEvent(service, since);
    failures = primary?.failedTasks ?? 0;
    const stuck = (service.events ?? []).some(
      (event) => Number(event.createdAt ?? 0) > since && /unable to place/.test(event.message ?? ''),
    );
    // What starts or leaves, tasks and targets, will change something by itself.
    const still = (service.pendingCount ?? 0) === 0 && leaving === 0 ? stateOf(service, targets) : '';
    if (still === '' || still !== standing) {
      standing = still;
      standsSince = elapsedMs;
      askAfter = stuckMs;
    }
    let coming = false;
    const stays = still !== '' && elapsedMs - standsSince >= askAfter;
    if (stays) {
      // Asked ever less often: what is not hopeless at first seldom gets so.
      askAfter *= 2;
      coming = await refuseHopeless(at, wanted, { service, revision: primary?.taskDefinition, targets, by });
    }
    const without = stuck && stays && !coming;
    if (failing || without) {
      // What the tasks of a failed deployment died of is its own, however long ago.
      const from = primary?.rolloutState === 'FAILED' ? Math.min(since, Number(primary.createdAt ?? since)) : since;
      const { evidence, cause } = await causeOf(service, targets, from);
      // ECS says that it finds no room also while a task that failed is still giving its own back.
      if (cause?.final === true && (without || cause.code !== 'cannot-place')) throw toError(cause, evidence);
    }
    const replacing = deployments.length > 1 ? ', replacing the old tasks' : '';
    const health = wanted.behind === undefined ? '' : `, ${healthy} healthy`;
    return { done: false, state: `${running} of ${counted(desired, 'task')} running${health}${replacing}` };
  };
  const elsewhere = aws.elsewhere();
  return run.wait({
    what: `the service ${name} to settle`,
    typicalMs,
    ...(limitMs === undefined ? {} : { limitMs }),
    look,
    late: async () => {
      const { service, targets } = last;
      if (service === undefined) return [];
      const { cause } = await causeOf(service, targets, since);
      return cause === undefined ? [] : [cause.message];
    },
    diagnose: async () => {
      const { service, targets } = last;
      if (service === undefined) return [];
      const { evidence, cause } = await causeOf(service, targets, since);
      advice = cause?.suggestions ?? [];
      const error = toError(cause, evidence);
      return [error.message, ...error.diagnosis, ...(elsewhere === undefined ? [] : [elsewhereLine(elsewhere)])];
    },
    advise: () => advice,
    ...(elsewhere === undefined ? {} : { suggestions: insteadOfElsewhere }),
  });
}

/** ECS places again every few seconds: what has no room that long has none, unless some comes. */
const stuckMs = 3000;

/** All that moves while a service settles. */
function stateOf({ runningCount, deployments = [] }: Service, targets: readonly TargetHealthDescription[]): string {
  return JSON.stringify([
    runningCount,
    deployments.map(({ id, runningCount: running, failedTasks, rolloutState }) => [
      id,
      running,
      failedTasks,
      rolloutState,
    ]),
    targets.map(({ Target, TargetHealth }) => [Target?.Id, Target?.Port, TargetHealth?.State, TargetHealth?.Reason]),
  ]);
}

/** What ECS says after so long is what somebody else asked for. */
const disagreementMs = 10_000;

function changedMeanwhile({ serviceName, desiredCount, taskDefinition }: Service): EcsdemoError {
  const now = `${desiredCount} tasks of ${(taskDefinition ?? '').split('/').at(-1)}`;
  return new EcsdemoError(
    'service-unstable',
    `service "${serviceName}" was changed by somebody else meanwhile: it is to run ${now}`,
    {
      suggestions: [sameAgain, { command: 'status', note: 'shows what it is now' }],
      retryable: true,
    },
  );
}

/** How often since then the service has started tasks. */
function startingEvents(service: Service, since: number): number {
  return (service.events ?? []).filter(
    ({ createdAt, message }) => Number(createdAt ?? 0) > since && /has started \d+ tasks/.test(message ?? ''),
  ).length;
}

function unhealthyEvent(service: Service, since: number): boolean {
  return (service.events ?? []).some(
    ({ createdAt, message }) => Number(createdAt ?? 0) > since && /is unhealthy in/.test(message ?? ''),
  );
}

/** Each event once, oldest first. */
function tellEvents({ run, step }: Work, service: Service, seen: Set<string>): void {
  for (const event of (service.events ?? []).toReversed()) {
    if (event.id === undefined || seen.has(event.id)) continue;
    seen.add(event.id);
    run.report({ type: 'service-event', step, at: event.createdAt ?? new Date(), message: event.message ?? '' });
  }
}
