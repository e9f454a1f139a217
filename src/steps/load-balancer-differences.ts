// How a load balancer differs from what is wanted: its subnets and its security groups. Pure; changes nothing.
import type { LoadBalancer } from '@aws-sdk/client-elastic-load-balancing-v2';
import { type AnyTag, tagValue } from '../aws/ownership.ts';
import { tagKeys } from '../base/names.ts';
import { fact, type StepContext } from './context.ts';

function sameMembers(one: readonly string[], other: readonly string[]): boolean {
  return one.length === other.length && new Set([...one, ...other]).size === one.length;
}

interface BalancerDifferences {
  subnets: boolean;
  securityGroups: boolean;
}

/** Kept in the load balancer's tag while nobody has named subnets. */
export const defaultSubnets = 'default';

/** The subnets that `up` was told last, in one tag: ELB's tags take no comma. */
export function recordedSubnets(tags: readonly AnyTag[] | undefined): string {
  return tagValue(tags, tagKeys.subnets) ?? defaultSubnets;
}

export function balancerDifferences(
  context: StepContext,
  balancer: LoadBalancer,
  tags: readonly AnyTag[] | undefined,
): BalancerDifferences {
  const network = fact(context, 'network');
  const has = (balancer.AvailabilityZones ?? []).map(({ SubnetId }) => SubnetId ?? '');
  const recorded = recordedSubnets(tags);
  const named = context.looking && recorded !== defaultSubnets;
  const wanted = named ? recorded.split(' ') : network.subnets.map(({ SubnetId }) => SubnetId);
  const groupId = network.elbSecurityGroup?.GroupId;
  return {
    // Without subnets nothing is wanted: a demo is only looked at, in a VPC whose subnets nobody has named this time.
    subnets: wanted.length > 0 && !sameMembers(has, wanted),
    securityGroups: groupId === undefined || !sameMembers(balancer.SecurityGroups ?? [], [groupId]),
  };
}
