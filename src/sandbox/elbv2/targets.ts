// Entries of a target group: how a target comes in, whether it is in use, and how it leaves.
// Shared by RegisterTargets and the ECS scheduler. Health itself is set by the probes, never here.
import type { Context } from '../handler.ts';
import type { LoadBalancer, Target, TargetGroup } from './records.ts';
import type { World } from '../world.ts';
import { containsIpv4 } from '../ec2/cidr.ts';
import { forwardedGroupArns } from './actions.ts';

/** What DescribeTargetHealth says about a state. */
export interface TargetStanding {
  state: Target['state'];
  reason?: string;
  description?: string;
}

export const registrationInProgress: TargetStanding = {
  state: 'initial',
  reason: 'Elb.RegistrationInProgress',
  description: 'Target registration is in progress',
};

export function targetKey(id: string, port: number): string {
  return `${id}:${port}`;
}

/** The load balancer whose listeners forward to the group. Undefined when none does; AWS allows at most one. */
export function findLoadBalancerOf(world: World, targetGroupArn: string): LoadBalancer | undefined {
  for (const listener of Object.values(world.listeners)) {
    if (forwardedGroupArns(listener).includes(targetGroupArn)) return world.loadBalancers[listener.loadBalancerArn];
  }
  return undefined;
}

/** Availability zones of the load balancer's subnets. */
export function zonesOf(world: World, loadBalancer: LoadBalancer): string[] {
  return loadBalancer.subnetIds.flatMap((id) => world.subnets[id]?.availabilityZone ?? []);
}

/**
 * The zone of an address by the subnets of a VPC: what an interface there has, or would have.
 * @returns undefined when no subnet of the VPC contains it
 */
export function zoneOfAddress(world: World, vpcId: string, address: string): string | undefined {
  return Object.values(world.subnets).find(
    (subnet) => subnet.vpcId === vpcId && containsIpv4(subnet.cidrBlock, `${address}/32`),
  )?.availabilityZone;
}

/**
 * Tells of a target why it cannot get traffic through the group, in DescribeTargetHealth's words, or undefined
 * when it can, so that its health is for the probes to tell. Valid until the world changes.
 */
export function createUnusedCheck(
  world: World,
  targetGroup: TargetGroup,
): (target: Pick<Target, 'id' | 'availabilityZone'>) => TargetStanding | undefined {
  const loadBalancer = findLoadBalancerOf(world, targetGroup.targetGroupArn);
  const zones = loadBalancer ? zonesOf(world, loadBalancer) : [];
  return ({ id, availabilityZone }) => {
    const instance = world.instances[id];
    // Nobody asks what an address belongs to: if to nothing, its probes tell.
    const isAddress = targetGroup.targetType === 'ip';
    if (!isAddress && (!instance || !['pending', 'running'].includes(instance.state))) {
      return unused('Target.InvalidState', `Target is in the ${instance?.state ?? 'terminated'} state`);
    }
    if (!loadBalancer) {
      return unused('Target.NotInUse', 'Target group is not configured to receive traffic from the load balancer');
    }
    const zone = instance?.availabilityZone ?? availabilityZone ?? zoneOfAddress(world, targetGroup.vpcId, id) ?? '';
    if (zone !== 'all' && !zones.includes(zone)) {
      return unused('Target.NotInUse', 'Target is in an Availability Zone that is not enabled for the load balancer');
    }
    return undefined;
  };
}

function unused(reason: string, description: string): TargetStanding {
  return { state: 'unused', reason, description };
}

/** Puts the target into the standing; the probe counters start anew. */
export function setStanding(target: Target, standing: TargetStanding): void {
  target.state = standing.state;
  target.successes = 0;
  target.failures = 0;
  if (standing.reason === undefined) delete target.reason;
  else target.reason = standing.reason;
  if (standing.description === undefined) delete target.description;
  else target.description = standing.description;
}

/**
 * Adds a port of an instance or an address to the group, as `initial`, or `unused` while nothing can reach it through the group.
 * Registering what is registered changes nothing; registering what drains takes it back.
 * @param id instance id or address; not checked here.
 * @param availabilityZone of an address outside the VPC
 */
export function registerTarget(
  context: Context,
  targetGroup: TargetGroup,
  id: string,
  port: number,
  availabilityZone?: string,
): Target {
  const key = targetKey(id, port);
  const existing = targetGroup.targets[key];
  if (existing && existing.drainsUntil === undefined) return existing;
  const target: Target = { id, port, state: 'initial', registeredAt: context.now, successes: 0, failures: 0 };
  if (availabilityZone !== undefined) target.availabilityZone = availabilityZone;
  setStanding(target, createUnusedCheck(context.world, targetGroup)(target) ?? registrationInProgress);
  targetGroup.targets[key] = target;
  return target;
}

/**
 * Starts taking the target out: no new requests from now on; the entry stays `draining` for the whole
 * deregistration delay even when idle, as on AWS, and then goes. A target that gets no traffic goes at once.
 * What is not registered, or drains already, is left as it is.
 */
export function deregisterTarget(context: Context, targetGroup: TargetGroup, id: string, port: number): void {
  const key = targetKey(id, port);
  const target = targetGroup.targets[key];
  if (!target || target.drainsUntil !== undefined) return;
  const delayMs = context.pace.scale(
    Number(targetGroup.attributes['deregistration_delay.timeout_seconds'] ?? '300') * 1000,
  );
  if (target.state === 'unused' || delayMs === 0) {
    delete targetGroup.targets[key];
    return;
  }
  setStanding(target, {
    state: 'draining',
    reason: 'Target.DeregistrationInProgress',
    description: 'Target deregistration is in progress',
  });
  target.drainsUntil = context.now + delayMs;
}
