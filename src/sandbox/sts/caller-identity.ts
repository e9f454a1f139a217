// Who calls: the sandbox has one user, and its account is the world's.
import type { GetCallerIdentityRequest, GetCallerIdentityResponse } from '@aws-sdk/client-sts';
import type { Context } from '../handler.ts';
import { globalArnOf } from '../arn.ts';

/** The name in the ARN of everybody who has the sandbox's credentials. */
export const callerName = 'ecsdemo';

export function callerArn(account: string, region: string): string {
  return globalArnOf({ region, account }, 'iam', `user/${callerName}`);
}

/** Its unique id. */
export function callerId(account: string): string {
  return `AIDA${account}ECSDEMO`;
}

export function GetCallerIdentity({ world }: Context, _input: GetCallerIdentityRequest): GetCallerIdentityResponse {
  return { UserId: callerId(world.account), Account: world.account, Arn: callerArn(world.account, world.region) };
}
