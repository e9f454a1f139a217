// One look at load balancers and target groups by name: with their listeners and attributes, and with the tags of all of
// them in one call. Changes nothing.
import {
  DescribeListenersCommand,
  DescribeLoadBalancersCommand,
  DescribeTagsCommand,
  DescribeTargetGroupAttributesCommand,
  DescribeTargetGroupsCommand,
  type LoadBalancer,
  type TargetGroup,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { orAbsent } from '../../aws/faults.ts';
import type { Scope } from '../resource.ts';
import type { SeenBalancer } from './load-balancer.ts';
import type { SeenGroup } from './target-group.ts';

export const delayKey = 'deregistration_delay.timeout_seconds';

interface Looked {
  /** In the order of the names; undefined: there is none of that name. */
  balancers: (SeenBalancer | undefined)[];
  groups: (SeenGroup | undefined)[];
}

/** Where it answers and in what state it is, without tags and listeners. */
export async function describeBalancer({ aws }: Scope, name: string): Promise<LoadBalancer | undefined> {
  const found = await orAbsent(aws.elbv2.send(new DescribeLoadBalancersCommand({ Names: [name] })));
  return found?.LoadBalancers?.[0];
}

/** Without tags and attributes. */
export async function describeGroup({ aws }: Scope, name: string): Promise<TargetGroup | undefined> {
  const found = await orAbsent(aws.elbv2.send(new DescribeTargetGroupsCommand({ Names: [name] })));
  return found?.TargetGroups?.[0];
}

/** Whether a listener of some load balancer forwards to the target group. */
export async function isServed({ aws }: Pick<Scope, 'aws'>, targetGroupArn: string): Promise<boolean> {
  const found = await orAbsent(aws.elbv2.send(new DescribeTargetGroupsCommand({ TargetGroupArns: [targetGroupArn] })));
  return (found?.TargetGroups?.[0]?.LoadBalancerArns ?? []).length > 0;
}

/** @param looksLeft what vanishes between two reads takes the tags of all with it: so often it is looked at again. */
export async function look(
  scope: Scope,
  names: { balancers?: readonly string[]; groups?: readonly string[] },
  looksLeft = 3,
): Promise<Looked> {
  const { elbv2 } = scope.aws;
  const [balancers, groups] = await Promise.all([
    Promise.all((names.balancers ?? []).map((name) => describeBalancer(scope, name))),
    Promise.all((names.groups ?? []).map((name) => describeGroup(scope, name))),
  ]);
  const arns = [
    ...balancers.map((balancer) => balancer?.LoadBalancerArn),
    ...groups.map((group) => group?.TargetGroupArn),
  ].filter((arn) => arn !== undefined);
  const [tags, listeners, attributes] = await Promise.all([
    arns.length === 0 ? undefined : orAbsent(elbv2.send(new DescribeTagsCommand({ ResourceArns: arns }))),
    Promise.all(
      balancers.map(async (balancer) => {
        if (balancer === undefined) return [];
        const { LoadBalancerArn } = balancer;
        return (await orAbsent(elbv2.send(new DescribeListenersCommand({ LoadBalancerArn }))))?.Listeners ?? [];
      }),
    ),
    Promise.all(
      groups.map(async (group) => {
        if (group === undefined) return [];
        const { TargetGroupArn } = group;
        const found = await orAbsent(elbv2.send(new DescribeTargetGroupAttributesCommand({ TargetGroupArn })));
        return found?.Attributes ?? [];
      }),
    ),
  ]);
  if (arns.length > 0 && tags === undefined && looksLeft > 0) return look(scope, names, looksLeft - 1);
  const tagsOf = (arn: string) => tags?.TagDescriptions?.find(({ ResourceArn }) => ResourceArn === arn)?.Tags ?? [];
  return {
    balancers: balancers.map((balancer, index) => {
      if (balancer?.LoadBalancerArn === undefined) return undefined;
      const { LoadBalancerArn } = balancer;
      return { ...balancer, LoadBalancerArn, tags: tagsOf(LoadBalancerArn), listeners: listeners[index] ?? [] };
    }),
    groups: groups.map((group, index) => {
      if (group?.TargetGroupArn === undefined) return undefined;
      const { TargetGroupArn } = group;
      const deregistrationDelay = attributes[index]?.find(({ Key }) => Key === delayKey)?.Value;
      return { ...group, TargetGroupArn, tags: tagsOf(TargetGroupArn), deregistrationDelay };
    }),
  };
}
