// How many Application Load Balancers an account may have in a region, and how many there are. Reads only.
import { DescribeAccountLimitsCommand, paginateDescribeLoadBalancers } from '@aws-sdk/client-elastic-load-balancing-v2';
import type { AwsCall } from '../../aws/grants.ts';
import type { Scope } from '../resource.ts';

export const quotaUses: readonly AwsCall[] = [
  'elasticloadbalancing:DescribeAccountLimits',
  'elasticloadbalancing:DescribeLoadBalancers',
];

/** `most` undefined: AWS does not say. */
export async function balancerQuota({ aws }: Scope): Promise<{ used: string[]; most: number | undefined }> {
  const [limits, used] = await Promise.all([
    aws.elbv2.send(new DescribeAccountLimitsCommand({ PageSize: 400 })),
    applicationBalancers(aws.elbv2),
  ]);
  const limit = limits.Limits?.find(({ Name }) => Name === 'application-load-balancers')?.Max;
  return { used, most: limit === undefined ? undefined : Number(limit) };
}

/** Their names. */
async function applicationBalancers(client: Scope['aws']['elbv2']): Promise<string[]> {
  const names: string[] = [];
  for await (const page of paginateDescribeLoadBalancers({ client, pageSize: 400 }, {}))
    for (const { Type, LoadBalancerName = '' } of page.LoadBalancers ?? [])
      if (Type === 'application') names.push(LoadBalancerName);
  return names;
}
