// Who calls: the sandbox has one user, and its account is the world's.
import type { GetCallerIdentityRequest, GetCallerIdentityResponse } from '@aws-sdk/client-sts';
import type { Context } from '../handler.ts';
import { partitionOf } from '../ec2/regions.ts';

/** The name in the ARN of everybody who has the sandbox's credentials. */
export const callerName = 'ecsdemo';

export function callerArn(account: string, region: string): string {
  return `arn:${partitionOf(region)}:iam::${account}:user/${callerName}`;
}

export function GetCallerIdentity({ world }: Context, _input: GetCallerIdentityRequest): GetCallerIdentityResponse {
  return { UserId: `AIDA${world.account}ECSDEMO`, Account: world.account, Arn: callerArn(world.account, world.region) };
}
