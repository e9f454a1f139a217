// What no waiting cures while a service is to settle: tasks that nobody can take, targets that no task is behind, targets
// that nobody asks. Told from what is there and not from events, which ECS writes only now and then.
import type { ContainerInstance, Service } from '@aws-sdk/client-ecs';
import type { TargetHealthDescription } from '@aws-sdk/client-elastic-load-balancing-v2';
import { EcsdemoError } from '../../base/errors.ts';
import { sameAgain, type Suggestion } from '../../base/suggestion.ts';
import { isServed } from '../elbv2/look.ts';
import { instancesById } from '../ec2/instances-by-id.ts';
import type { Work } from '../resource.ts';
import { type Placing, unplaceable } from './placement.ts';
import type { Settling } from './settle.ts';
import { isSomeoneComing, lookAround, percentOf } from './surroundings.ts';
import { describeDefinition } from './task-definition.ts';
import { needsOf } from './task-needs.ts';
import { boundTargets, strayTarget } from './tasks.ts';

/** What finding that out calls, beside the diagnosis. */
export const hopelessCalls = [
  'ecs:DescribeTaskDefinition',
  'ec2:DescribeInstances',
  'elasticloadbalancing:DescribeTargetGroups',
] as const;

export interface Standstill {
  service: Service;
  /** The deployment that is to be. */
  revision: string | undefined;
  targets: readonly TargetHealthDescription[];
  by: Placing['by'];
}

/**
 * For a service that has not moved for a while, with nothing pending and nobody leaving.
 * @returns true when what lacks may be on its way, so that nothing else is to be made of it
 * @throws EcsdemoError for what stays as it is
 */
export async function refuseHopeless(at: Work, wanted: Settling, seen: Standstill): Promise<boolean> {
  const { service, revision, targets } = seen;
  const { desiredCount = 0, runningCount = 0, deployments = [] } = service;
  const short = runningCount < desiredCount || deployments.length > 1;
  if (!short && targets.length === 0) return false;
  const around = await lookAround(at, { cluster: wanted.cluster, service: wanted.name, revision });
  const { members } = around;
  if (!short) {
    const own = [...around.staying, ...around.replaced];
    refuseStray(wanted, targets, boundTargets(own, members, wanted.behind?.containerPort));
    await refuseUnused(at, wanted, targets);
    return false;
  }
  if (!members.some(isConnected)) await refuseLost(at, wanted.instanceIds);
  if (await isSomeoneComing(at, members)) return true;
  refuseNobody(wanted, members);
  const definition = revision === undefined ? undefined : await describeDefinition(at, revision);
  if (definition === undefined) return false;
  const healthy = targets.filter(({ TargetHealth }) => TargetHealth?.State === 'healthy').length;
  const error = unplaceable(
    {
      ...around,
      cluster: wanted.cluster,
      service: wanted.name,
      instances: wanted.instanceIds.length,
      by: seen.by,
      needs: needsOf(definition.definition, service.placementConstraints),
      count: desiredCount,
      percent: percentOf(service),
      replacedAreWell: wanted.behind === undefined || healthy >= around.replaced.length,
    },
    'cannot-place',
  );
  if (error !== undefined) throw error;
  return false;
}

function isConnected({ status, agentConnected }: ContainerInstance): boolean {
  return status === 'ACTIVE' && agentConnected === true;
}

/**
 * Where every instance is gone only a launch helps, and that is another step's.
 * @throws EcsdemoError `instance-failed`
 */
async function refuseLost(at: Work, ids: readonly string[]): Promise<void> {
  const seen = [...(await instancesById(at, ids)).values()];
  const [lost] = seen;
  if (lost === undefined || seen.some(({ State }) => ['pending', 'running'].includes(State?.Name ?? ''))) return;
  const reason = lost.StateReason?.Message ?? lost.StateTransitionReason ?? 'no reason given';
  throw new EcsdemoError(
    'instance-failed',
    `instance ${lost.InstanceId} is ${lost.State?.Name}, and no other can run the tasks: ${reason}`,
    {
      suggestions: [{ command: 'up' }],
      retryable: true,
    },
  );
}

/** Only somebody else's doing: `up` and `scale` wait for theirs. */
function refuseNobody({ cluster }: Settling, members: readonly ContainerInstance[]): void {
  if (members.some(({ status }) => status !== 'DRAINING')) return;
  const [draining, ...more] = members;
  const why =
    draining === undefined
      ? 'none is registered'
      : `${more.length === 0 ? draining.ec2InstanceId : `each of the ${members.length}`} is DRAINING`;
  throw new EcsdemoError('cannot-place', `no container instance of the cluster "${cluster}" takes tasks: ${why}`, {
    suggestions: [{ command: 'up' }],
  });
}

/** @throws EcsdemoError `stray-target` */
function refuseStray({ behind }: Settling, targets: readonly TargetHealthDescription[], bound: Set<string>): void {
  const stray = strayTarget(targets, bound);
  if (stray === undefined || behind?.targetGroupArn === undefined) return;
  const { Id = '', Port } = stray.Target ?? {};
  throw new EcsdemoError('stray-target', `${strayWords(stray)}: somebody else registered it`, {
    suggestions: [takeOut(behind.targetGroupArn, Id, Port)],
  });
}

/** 'target i-0abc:9 is unhealthy but no running task of the service is behind it' */
export function strayWords({ Target, TargetHealth }: TargetHealthDescription): string {
  return `target ${Target?.Id}:${Target?.Port} is ${TargetHealth?.State} but no running task of the service is behind it`;
}

/** The command that deregisters it. */
export function takeOut(targetGroupArn: string, id: string, port: number | undefined): Suggestion {
  return {
    aws: `elbv2 deregister-targets --target-group-arn ${targetGroupArn} --targets Id=${id},Port=${port}`,
    next: sameAgain,
  };
}

/** Targets that the load balancer does not even ask, since it does not use the group or is not in their zone. */
async function refuseUnused(
  at: Work,
  { behind }: Settling,
  targets: readonly TargetHealthDescription[],
): Promise<void> {
  const unused = targets.find(({ TargetHealth }) => TargetHealth?.State === 'unused');
  const arn = behind?.targetGroupArn;
  if (unused === undefined || arn === undefined) return;
  const { Target, TargetHealth } = unused;
  const outOfZone = /Availability Zone/i.test(TargetHealth?.Description ?? '');
  if (!outOfZone && (await isServed(at, arn))) return;
  const why = outOfZone
    ? "the load balancer is not in the instance's Availability Zone"
    : 'no listener of a load balancer uses the target group';
  throw new EcsdemoError('target-unhealthy', `target ${Target?.Id}:${Target?.Port} gets no request: ${why}`, {
    suggestions: [{ command: 'up' }],
  });
}
