// AssumeRole: credentials of a role for a while, which are as good as the sandbox's own: what a role may is not asked here.
import type { AssumeRoleRequest, AssumeRoleResponse } from '@aws-sdk/client-sts';
import { globalArnOf } from '../arn.ts';
import { AwsError } from '../aws-error.ts';
import type { Context } from '../handler.ts';
import type { Role } from '../iam/records.ts';
import type { World } from '../world.ts';
import { callerArn } from './caller-identity.ts';
import type { Session } from './records.ts';

const defaultSeconds = 3600;

/** Does the trust policy let somebody of the account in? @param caller the ARN of the sandbox's user */
function trusts(role: Role, world: World, caller: string): boolean {
  const trusted = new Set(['*', world.account, globalArnOf(world, 'iam', 'root'), caller]);
  const { Statement } = JSON.parse(role.assumeRolePolicyDocument) as { Statement?: unknown };
  return [Statement ?? []].flat().some((statement) => {
    const { Effect, Principal } = statement as { Effect?: string; Principal?: unknown };
    const named = Principal === '*' ? '*' : (Principal as { AWS?: string | string[] } | undefined)?.AWS;
    return Effect === 'Allow' && [named ?? []].flat().some((one) => trusted.has(one));
  });
}

/**
 * A role that trusts only services is refused, as the tutorial's `ecsInstanceRole` is on AWS.
 * @throws AwsError `AccessDenied` for that and for a role that is not there, which AWS words alike; `ValidationError`.
 */
export function AssumeRole({ world, ids, now }: Context, input: AssumeRoleRequest): AssumeRoleResponse {
  const { RoleArn: roleArn = '', RoleSessionName: name = '', DurationSeconds: seconds = defaultSeconds } = input;
  if (!/^[\w+=,.@-]{2,64}$/.test(name)) {
    throw new AwsError(
      'ValidationError',
      `1 validation error detected: Value '${name}' at 'roleSessionName' failed to satisfy constraint: Member must satisfy regular expression pattern: [\\w+=,.@-]{2,64}`,
    );
  }
  const role = Object.values(world.roles).find(({ arn }) => arn === roleArn);
  const longest = role?.maxSessionDuration ?? defaultSeconds;
  if (seconds < 900 || seconds > longest)
    throw new AwsError('ValidationError', `The requested DurationSeconds must be between 900 and ${longest}.`);
  const caller = callerArn(world.account, world.region);
  if (role === undefined || !trusts(role, world, caller)) {
    throw new AwsError(
      'AccessDenied',
      `User: ${caller} is not authorized to perform: sts:AssumeRole on resource: ${roleArn}`,
      403,
    );
  }
  const session: Session = {
    accessKeyId: `ASIA${ids.iam('').slice(0, 16)}`,
    secretAccessKey: ids.hex(40),
    sessionToken: ids.hex(64),
    arn: globalArnOf(world, 'sts', `assumed-role/${role.roleName}/${name}`),
    expiresAt: now + seconds * 1000,
  };
  for (const one of Object.values(world.sessions)) if (one.expiresAt <= now) delete world.sessions[one.accessKeyId];
  world.sessions[session.accessKeyId] = session;
  return {
    Credentials: {
      AccessKeyId: session.accessKeyId,
      SecretAccessKey: session.secretAccessKey,
      SessionToken: session.sessionToken,
      Expiration: new Date(session.expiresAt),
    },
    AssumedRoleUser: { AssumedRoleId: `${role.roleId}:${name}`, Arn: session.arn },
    PackedPolicySize: 0,
  };
}
