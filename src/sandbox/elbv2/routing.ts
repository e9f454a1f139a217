// Where a request goes: which of a group's targets may get it, and which one does. Pure; made anew from the world after
// every change. Knows nothing of sockets.
import { allowsEgress, allowsIngress } from '../ec2/security-path.ts';
import type { Listener, LoadBalancer, TargetGroup, TargetState } from './records.ts';
import type { World } from '../world.ts';
import { finalAction, forwardedGroups } from './actions.ts';
import type { ListenerAction } from './actions.ts';
import { rulesOf } from './lookups.ts';
import { meets, type Asked, type Condition } from './rule-conditions.ts';
import { targetKey } from './targets.ts';

/** One target as the data plane sees it. */
export interface RoutableTarget {
  /** `${instance id or address}:${port}` */
  key: string;
  targetGroupArn: string;
  /** Real loopback port of the process; undefined when nothing listens there. */
  localPort: number | undefined;
  /** Whether security groups let the load balancer through; otherwise nothing ever connects. */
  reachable: boolean;
}

/** A target group as a listener uses it. */
export interface RoutedGroup {
  targetGroupArn: string;
  weight: number;
  algorithm: string;
  targets: RoutableTarget[];
}

/** Everything that decides about a request on a listener, true until the next change of the world. */
export interface Route {
  listenerPort: number;
  /** Whether the load balancer's security groups let the internet in on the listener's port. */
  admitted: boolean;
  action: ListenerAction | undefined;
  groups: RoutedGroup[];
  attributes: Readonly<Record<string, string>>;
  /** What requests that meet all conditions do instead; the first that fits. @default none */
  rules?: { conditions: Condition[]; route: Route }[];
}

/** The route of one request: that of the first rule that it fits, or the listener's own. */
export function routeFor(route: Route, asked: Asked): Route {
  return route.rules?.find(({ conditions }) => meets(conditions, asked))?.route ?? route;
}

/** Loopback ports of the processes behind ports of instances and addresses, keyed as targets are. */
export function localPortsOf(world: World): Map<string, number> {
  const ports = new Map<string, number>();
  for (const task of Object.values(world.tasks)) {
    if (task.lastStatus === 'STOPPED') continue;
    const instanceId = world.containerInstances[task.containerInstanceArn]?.ec2InstanceId;
    if (instanceId === undefined) continue;
    const address = world.instances[instanceId]?.privateIpAddress ?? instanceId;
    const ids = task.attachment === undefined ? [instanceId, address] : [task.attachment.privateIpAddress];
    for (const container of task.containers) {
      if (container.lastStatus === 'STOPPED') continue;
      for (const binding of container.networkBindings) {
        if (binding.protocol !== 'tcp') continue;
        for (const id of ids) ports.set(targetKey(id, binding.hostPort), binding.localPort);
      }
    }
  }
  return ports;
}

/** Whether the internet reaches the load balancer on the port. */
export function admitsInternet(world: World, loadBalancer: LoadBalancer, port: number): boolean {
  return allowsIngress(world, loadBalancer.securityGroupIds, { protocol: 'tcp', port, fromCidr: '0.0.0.0/0' });
}

/** Where a target is, and what guards it; undefined when there is no such instance, and no interface of such an address. */
function placeOf(world: World, vpcId: string, id: string): { address: string; groupIds: string[] } | undefined {
  const instance = world.instances[id];
  if (instance) return { address: instance.privateIpAddress, groupIds: instance.securityGroupIds };
  const found = Object.values(world.networkInterfaces).find(
    (one) => one.privateIpAddress === id && one.vpcId === vpcId,
  );
  return found && { address: id, groupIds: found.groupIds };
}

/**
 * Whether the load balancer reaches the target on the port: its groups let it out, those of the instance, or of the
 * interface with the address, let it in.
 * @param id of an instance, or an address
 */
export function reaches(world: World, loadBalancer: LoadBalancer, id: string, port: number): boolean {
  const place = placeOf(world, loadBalancer.vpcId, id);
  if (!place) return false;
  const { securityGroupIds: fromGroupIds, subnetIds } = loadBalancer;
  const out = allowsEgress(world, fromGroupIds, {
    protocol: 'tcp',
    port,
    toGroupIds: place.groupIds,
    toCidr: `${place.address}/32`,
  });
  return (
    out &&
    subnetIds.every((subnetId) => {
      const fromCidr = world.subnets[subnetId]?.cidrBlock;
      return allowsIngress(world, place.groupIds, {
        protocol: 'tcp',
        port,
        fromGroupIds,
        ...(fromCidr === undefined ? {} : { fromCidr }),
      });
    })
  );
}

/**
 * The targets that get requests: the healthy ones, or all in use when fewer are healthy than the group's attributes
 * ask for (fail open; by default: when none is healthy). Draining and unused targets never get any.
 */
export function routableTargets<Candidate extends { state: TargetState }>(
  targets: Candidate[],
  attributes: Readonly<Record<string, string>>,
): Candidate[] {
  const inUse = targets.filter(({ state }) => state === 'initial' || state === 'healthy' || state === 'unhealthy');
  const healthy = inUse.filter(({ state }) => state === 'healthy');
  const prefix = 'target_group_health.unhealthy_state_routing.minimum_healthy_targets';
  const count = Number(attributes[`${prefix}.count`] ?? '1');
  const percentage = attributes[`${prefix}.percentage`] ?? 'off';
  const share = percentage === 'off' ? 0 : Math.ceil((inUse.length * Number(percentage)) / 100);
  return healthy.length < Math.max(count, share) ? inUse : healthy;
}

function routedGroup(
  world: World,
  loadBalancer: LoadBalancer,
  targetGroup: TargetGroup,
  weight: number,
  localPorts: Map<string, number>,
): RoutedGroup {
  const { targetGroupArn, attributes } = targetGroup;
  return {
    targetGroupArn,
    weight,
    algorithm: attributes['load_balancing.algorithm.type'] ?? 'round_robin',
    targets: routableTargets(Object.values(targetGroup.targets), attributes).map(({ id, port }) => ({
      key: targetKey(id, port),
      targetGroupArn,
      localPort: localPorts.get(targetKey(id, port)),
      reachable: reaches(world, loadBalancer, id, port),
    })),
  };
}

/** The route of a listener in this world. */
export function routeOf(
  world: World,
  listener: Listener,
  loadBalancer: LoadBalancer,
  localPorts: Map<string, number>,
): Route {
  const admitted = admitsInternet(world, loadBalancer, listener.port);
  const along = (actions: readonly ListenerAction[]): Route => {
    const action = finalAction(actions);
    return {
      listenerPort: listener.port,
      admitted,
      action,
      groups: forwardedGroups(action).flatMap(({ targetGroupArn, weight }) => {
        const targetGroup = world.targetGroups[targetGroupArn];
        return targetGroup ? [routedGroup(world, loadBalancer, targetGroup, weight, localPorts)] : [];
      }),
      attributes: loadBalancer.attributes,
    };
  };
  const rules = rulesOf(listener).map(({ conditions, actions }) => ({ conditions, route: along(actions) }));
  return { ...along(listener.defaultActions), ...(rules.length > 0 && { rules }) };
}

/** What picking remembers from one request to the next: turns per group, requests under way per target. */
export interface Turns {
  byGroup: Map<string, number>;
  underWay: Map<string, number>;
}

export function createTurns(): Turns {
  return { byGroup: new Map(), underWay: new Map() };
}

/** The group for the next request, by weight. Groups without usable targets do not step aside, as on AWS. */
export function pickGroup(groups: RoutedGroup[], random: () => number): RoutedGroup | undefined {
  if (groups.length <= 1) return groups[0];
  const total = groups.reduce((sum, group) => sum + group.weight, 0);
  let at = random() * total;
  for (const group of groups) {
    at -= group.weight;
    if (at < 0) return group;
  }
  return undefined;
}

/** The target for the next request by the group's algorithm; advances its turn. Undefined when there is none. */
export function pickTarget(group: RoutedGroup, turns: Turns, random: () => number): RoutableTarget | undefined {
  const { targets, algorithm, targetGroupArn } = group;
  if (targets.length <= 1) return targets[0];
  if (algorithm === 'weighted_random') return targets[Math.floor(random() * targets.length)];
  const turn = ((turns.byGroup.get(targetGroupArn) ?? -1) + 1) % targets.length;
  turns.byGroup.set(targetGroupArn, turn);
  if (algorithm !== 'least_outstanding_requests') return targets[turn];
  // Starting at the turn makes equals take turns.
  let best: RoutableTarget | undefined;
  let least = Number.POSITIVE_INFINITY;
  for (let index = 0; index < targets.length; index++) {
    const target = targets[(turn + index) % targets.length];
    const count = target ? (turns.underWay.get(target.key) ?? 0) : least;
    if (count < least) {
      least = count;
      best = target;
    }
  }
  return best;
}
