// Whether security groups let a connection through. Pure: reads the world, decides, changes nothing.
// Used for the load balancer's path to its targets, the agent's way out, and the world's way to the load balancer.
import type { SecurityGroupRule } from './records.ts';
import type { World } from '../world.ts';
import { containsIpv4 } from './cidr.ts';

export interface Traffic {
  protocol: 'tcp' | 'udp' | 'icmp';
  port: number;
  /** The groups on the other end: a rule that references one of them lets the traffic through. */
  peerGroupIds?: string[];
  /** The other end's address or block, `a.b.c.d/n`: a rule whose block contains it whole lets it through. */
  peerCidr?: string;
}

function coversPort(rule: SecurityGroupRule, traffic: Traffic): boolean {
  if (rule.ipProtocol === '-1') return true;
  if (rule.ipProtocol !== traffic.protocol) return false;
  return rule.fromPort === -1 || (traffic.port >= rule.fromPort && traffic.port <= rule.toPort);
}

function coversPeer(rule: SecurityGroupRule, traffic: Traffic): boolean {
  if (rule.referencedGroupId !== undefined) return traffic.peerGroupIds?.includes(rule.referencedGroupId) ?? false;
  if (rule.cidrIpv4 === undefined) return false;
  // A peer known only by its groups has some address: only a rule for every address is sure to contain it.
  return containsIpv4(rule.cidrIpv4, traffic.peerCidr ?? '0.0.0.0/0');
}

function allows(world: World, groupIds: readonly string[], isEgress: boolean, traffic: Traffic): boolean {
  return groupIds.some((groupId) =>
    world.securityGroups[groupId]?.rules.some(
      (rule) => rule.isEgress === isEgress && coversPort(rule, traffic) && coversPeer(rule, traffic),
    ),
  );
}

/**
 * True when one of `groupIds` lets such a connection in.
 * `fromGroupIds`: the groups on the sender; `fromCidr`: its address as a block (`10.0.0.7/32`, `0.0.0.0/0` for the world).
 * Both may be given: a rule for either is enough. Groups that do not exist allow nothing.
 */
export function allowsIngress(
  world: World,
  groupIds: readonly string[],
  traffic: { protocol: Traffic['protocol']; port: number; fromGroupIds?: string[]; fromCidr?: string },
): boolean {
  return allows(world, groupIds, false, {
    protocol: traffic.protocol,
    port: traffic.port,
    ...(traffic.fromGroupIds !== undefined && { peerGroupIds: traffic.fromGroupIds }),
    ...(traffic.fromCidr !== undefined && { peerCidr: traffic.fromCidr }),
  });
}

/**
 * True when one of `groupIds` lets such a connection out.
 * `toGroupIds`: the groups on the receiver; `toCidr`: its address as a block; neither: anywhere (`0.0.0.0/0`).
 */
export function allowsEgress(
  world: World,
  groupIds: readonly string[],
  traffic: { protocol: Traffic['protocol']; port: number; toGroupIds?: string[]; toCidr?: string },
): boolean {
  return allows(world, groupIds, true, {
    protocol: traffic.protocol,
    port: traffic.port,
    ...(traffic.toGroupIds !== undefined && { peerGroupIds: traffic.toGroupIds }),
    ...(traffic.toCidr !== undefined && { peerCidr: traffic.toCidr }),
  });
}
